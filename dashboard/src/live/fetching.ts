/** What is fetched when a connection is new, or when something was missed. */
import { type Agent, type Alert, ask, askAll, type Call, type Schemas } from '../api/client.ts'
import { learnTime } from './serverTime.ts'

/** More open calls of one status than this are not shown; the screen says so. */
export const OPEN_MAX = 10_000
const PAGE = 1_000

/** Every open call. Asked after joining, so that whatever moves meanwhile is heard. */
export async function fetchOpen(signal: AbortSignal) {
  const lists = await Promise.all(
    ['waiting', 'active', 'on_hold'].map(status =>
      askAll<Call>(`/api/calls?status=${status}&limit=${PAGE}`, OPEN_MAX, signal),
    ),
  )
  return { open: lists.flatMap(({ items }) => items), isWhole: lists.every(({ isWhole }) => isWhole) }
}

/** The newest alerts. */
export const fetchAlerts = (signal: AbortSignal) => ask<Alert[]>(`/api/alerts?limit=${PAGE}`, { signal })

/** Every agent. */
export const fetchAgents = (signal: AbortSignal) => ask<Agent[]>('/api/agents', { signal })

/** How many calls there are of each kind, as the server counts them. */
export type Counts = Schemas['CallCounts']

/** Asks for counts, and what time it is there. */
export async function fetchCounts(query: string, signal?: AbortSignal): Promise<Counts> {
  const askedAt = Date.now()
  const counts = await ask<Counts>(`/api/counts${query}`, { signal })
  learnTime(counts.asOf, askedAt, Date.now())
  return counts
}
