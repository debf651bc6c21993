/** Which calls are shown, and in what order: pure, out of the address and the picture. */
import type { Call } from '../../api/client.ts'
import type { Picture } from '../../live/picture.ts'
import { PHASES, type Phase, phaseOf } from '../../ui/phases.tsx'
import { dueAt } from './promise.ts'

export const SORTS = ['due', 'age', 'status', 'queue', 'agent', 'id'] as const
export type Sort = (typeof SORTS)[number]

export interface View {
  /** A phase, or everything that is open. */
  readonly phase: Phase | 'open'
  readonly queue: string
  readonly agent: string
  /** A rule, or `any`. */
  readonly flag: string
  readonly text: string
  readonly sort: Sort
  readonly isReversed: boolean
}

/** The view that an address asks for. What cannot be read is left out. */
export function viewOf(query: URLSearchParams): View {
  const sort = query.get('sort') ?? ''
  const status = query.get('status')
  return {
    phase: PHASES.find(phase => phase === status) ?? 'open',
    queue: query.get('queue') ?? '',
    agent: query.get('agent') ?? '',
    flag: query.get('flag') ?? '',
    text: query.get('q') ?? '',
    sort: SORTS.find(it => it === sort.replace('-', '')) ?? 'due',
    isReversed: sort.startsWith('-'),
  }
}

export const isFiltered = ({ queue, agent, flag, text }: View) => !!(queue || agent || flag || text)

/** The same filters, as the server takes them for its counts. */
export function countsQuery({ queue, agent, flag, text }: View) {
  const query = new URLSearchParams()
  if (queue) query.set('queueId', queue)
  if (agent) query.set('agentId', agent)
  if (flag) query.set('flag', flag)
  if (text.trim()) query.set('text', text.trim())
  const asked = query.toString()
  return asked ? `?${asked}` : ''
}

/** The calls to show, in their order: those of the picture, and older ones that were fetched beside it. */
export function select({ calls }: Picture, view: View, older: ReadonlyMap<string, Call> = new Map()): Call[] {
  const text = view.text.trim().toLowerCase()
  const shown: Call[] = []
  const known = [...calls.values()]
  for (const call of older.values()) if (!calls.has(call.id)) known.push(call)
  for (const call of known) {
    if (view.phase === 'open' ? call.status === 'ended' : phaseOf(call) !== view.phase) continue
    if (view.queue && call.queueId !== view.queue) continue
    if (view.agent && call.agentId !== view.agent) continue
    if (view.flag && !(view.flag === 'any' ? call.flags.length : call.flags.some(({ rule }) => rule === view.flag)))
      continue
    if (text && !matches(call, text)) continue
    shown.push(call)
  }
  const by = KEYS[view.sort === 'due' && view.phase === 'ended' ? 'age' : view.sort]
  const sign = view.isReversed ? -1 : 1
  // Keys are made once for each call, not once for each comparison: there may be thousands.
  const keyed = shown.map(call => ({ call, key: by(call) }))
  keyed.sort((a, b) => sign * (compare(a.key, b.key) || newestFirst(a.call, b.call)) || compare(a.call.id, b.call.id))
  return keyed.map(({ call }) => call)
}

const matches = ({ id, agentId, queueId }: Call, text: string) =>
  id.toLowerCase().includes(text) || queueId.toLowerCase().includes(text) || !!agentId?.toLowerCase().includes(text)

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
/** Those without come last. */
const LAST = '\uffff'
const newestFirst = (a: Call, b: Call) => compare(b.endTime ?? b.startTime, a.endTime ?? a.startTime)

/** Text by which calls are in order; where it is the same, the newest comes first. */
const KEYS: Record<Sort, (call: Call) => string> = {
  // What comes due first, or did long ago, is what to look at first.
  due: call => dueAt(call) ?? LAST,
  age: () => '',
  status: call => PHASES.indexOf(phaseOf(call)) + (dueAt(call) ?? LAST),
  queue: call => call.queueId + (dueAt(call) ?? LAST),
  agent: call => (call.agentId ?? LAST) + (dueAt(call) ?? LAST),
  id: call => call.id,
}
