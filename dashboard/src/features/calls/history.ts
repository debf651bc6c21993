/** What follows from a call's events: where its time went, and who caused what. Pure. */
import type { CallEvent } from '../../api/client.ts'

export interface Spent {
  waitedMs: number
  rangMs: number
  talkedMs: number
  heldMs: number
}

type Doing = keyof Spent | undefined

/** When an event happened: as its source tells it, else when it was recorded. */
export const happenedAt = ({ occurredAt, timestamp }: CallEvent) => Date.parse(occurredAt ?? timestamp)

/** Where the time of a call went, up to now while it is open. */
export function spent(events: readonly CallEvent[], now: number): Spent {
  const total: Spent = { waitedMs: 0, rangMs: 0, talkedMs: 0, heldMs: 0 }
  let doing: Doing
  let since = 0
  const until = (moment: number) => {
    if (doing) total[doing] += Math.max(0, moment - since)
    // Ringing is a part of waiting.
    if (doing === 'rangMs') total.waitedMs += Math.max(0, moment - since)
    since = Math.max(since, moment)
  }
  for (const event of events) {
    const next = doingAfter(event, doing)
    if (next === doing) continue
    until(happenedAt(event))
    doing = next
    since = Math.max(since, happenedAt(event))
  }
  until(now)
  return total
}

function doingAfter({ type, metadata }: CallEvent, before: Doing): Doing {
  switch (type) {
    case 'call_initiated':
    case 'call_retransfer':
      return 'waitedMs'
    case 'call_routed':
      return 'rangMs'
    case 'call_answered':
    case 'call_resumed':
      return 'talkedMs'
    case 'call_hold':
      return 'heldMs'
    case 'call_transferred':
      if (metadata?.['kind'] === 'attended') return 'talkedMs'
      return metadata?.['agentId'] ? 'rangMs' : 'waitedMs'
    case 'call_ended':
      return undefined
    default:
      return before
  }
}

export type Who = { readonly kind: 'caller' | 'system' | 'outside' } | { readonly kind: 'agent'; readonly id: string }

const BY_ITSELF = new Set([
  'call_retransfer',
  'sla_breached',
  'hold_exceeded',
  'survey_requested',
  'call_lost',
  'call_reopened',
])

/** Who or what caused an event; `talking` is the agent in the call just before it. */
export function causedBy({ type, metadata }: CallEvent, talking: string | undefined): Who {
  const person = text(metadata?.['by'])
  if (person === 'dispatch') return { kind: 'system' }
  if (person) return { kind: 'agent', id: person }
  if (BY_ITSELF.has(type)) return { kind: 'system' }
  if (type === 'call_initiated') return { kind: 'caller' }
  if (type === 'call_ended') return metadata?.['endReason'] === 'abandoned' ? { kind: 'caller' } : agentOr(talking)
  if (type === 'call_answered') return agentOr(text(metadata?.['agentId']) ?? talking)
  if (type === 'call_hold' || type === 'call_resumed' || type === 'call_transferred') return agentOr(talking)
  return { kind: 'outside' }
}

const agentOr = (id: string | undefined): Who => (id ? { kind: 'agent', id } : { kind: 'outside' })

/** The agent in the call after each event: who rang, answered, or was handed the call. */
export function agents(events: readonly CallEvent[]): (string | undefined)[] {
  let agent: string | undefined
  return events.map(({ type, metadata }) => {
    const named = text(metadata?.['agentId'])
    if (type === 'call_retransfer') agent = undefined
    else if (type === 'call_transferred') agent = named ?? (metadata?.['kind'] === 'attended' ? agent : undefined)
    else agent = named ?? agent
    return agent
  })
}

export const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
export const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
