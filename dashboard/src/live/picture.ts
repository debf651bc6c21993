/**
 * What is known of every call: one pure fold of updates and fetched lists.
 *
 * Updates may come twice, late or out of order: a call only moves forward, because its `version`
 * only grows. A fetched list never undoes what was heard after it was asked for. So whatever the
 * order, the picture ends as a fresh fetch would show it. Where there is nothing new, the same
 * picture is returned and nothing renders again.
 */
import type { Call } from '../api/client.ts'
import type { CallStatusUpdate } from '../api/socket.ts'

export interface Picture {
  /** Every call we know, open ones and those that ended lately, by id. */
  readonly calls: ReadonlyMap<string, Call>
  /** How many of them have ended. */
  readonly ended: number
}

/** Ended calls are kept to be shown, and so that late news about them is known to be late. */
export const ENDED_MAX = 4_000

export const NOTHING: Picture = { calls: new Map(), ended: 0 }

type News = Pick<CallStatusUpdate, 'call'>

/** The picture after these updates. */
export function fold(picture: Picture, updates: readonly News[]): Picture {
  return learn(
    picture,
    updates.map(({ call }) => call),
  )
}

/** The picture with these calls in it, unless they are known to have moved on. */
export function learn(picture: Picture, calls: readonly Call[]): Picture {
  const fresh = calls.filter(call => isNewer(call, picture.calls.get(call.id)))
  if (fresh.length === 0) return picture
  const known = new Map(picture.calls)
  for (const call of fresh) {
    if (isNewer(call, known.get(call.id))) known.set(call.id, call)
  }
  return trimmed(known)
}

/**
 * The picture after every open call was fetched.
 *
 * `heard` are the calls we heard of since we joined, which was before the fetch began. An open call
 * that is neither in the list nor among them has ended while we were away: it is gone.
 */
export function refetched(picture: Picture, open: readonly Call[], heard: ReadonlySet<string>): Picture {
  const listed = new Set(open.map(({ id }) => id))
  const kept = new Map<string, Call>()
  for (const call of picture.calls.values()) {
    if (call.status === 'ended' || listed.has(call.id) || heard.has(call.id)) kept.set(call.id, call)
  }
  return learn(trimmed(kept), open)
}

const isNewer = (call: Call, known: Call | undefined) => !known || known.version < call.version

/** Forgets the calls that ended first, once there are too many of them. */
function trimmed(calls: Map<string, Call>): Picture {
  const ended: Call[] = []
  for (const call of calls.values()) if (call.status === 'ended') ended.push(call)
  if (ended.length <= ENDED_MAX) return { calls, ended: ended.length }
  // A quarter at once, so that this is rare.
  const kept = Math.floor(ENDED_MAX * 0.75)
  ended.sort((a, b) => (moment(a) < moment(b) ? -1 : 1))
  for (const { id } of ended.slice(0, ended.length - kept)) calls.delete(id)
  return { calls, ended: kept }
}

const moment = (call: Call) => call.endTime ?? call.startTime
