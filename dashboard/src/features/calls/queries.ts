/** How counts, calls and histories are fetched and kept current. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type Action, ask, askAll, type Call, type CallEvent, Refusal } from '../../api/client.ts'
import { fetchCounts } from '../../live/fetching.ts'
import { useLive } from '../../live/useLive.ts'

const HISTORY_MAX = 10_000

/** The next count, once it is due: one for however many updates. */
// biome-ignore lint/correctness/noUnusedVariables: it is read by `??=`
let pending: ReturnType<typeof setTimeout> | undefined

/** Counts of the server, under these filters: asked again as long as something happens. */
export function useCounts(asked: string) {
  const updates = useLive(({ updates, pause }) => (pause ? -1 : updates))
  const isWhole = useLive(({ connection }) => connection.isWhole)
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['counts', asked],
    queryFn: ({ signal }) => fetchCounts(asked, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    enabled: isWhole,
  })
  useEffect(() => {
    if (updates < 0) return
    const { dataUpdatedAt = 0 } = client.getQueryState(['counts', asked]) ?? {}
    const waitMs = Math.max(0, dataUpdatedAt + 1_500 - Date.now())
    // The first of many updates starts the wait; the others find it started.
    pending ??= setTimeout(() => {
      pending = undefined
      void client.invalidateQueries({ queryKey: ['counts'] })
    }, waitMs)
  }, [updates, asked, client])
  return query
}

/** One call, whatever its age. */
export function useCall(id: string) {
  const known = useLive(({ picture }) => picture.calls.get(id))
  const query = useQuery({
    queryKey: ['call', id],
    queryFn: ({ signal }) => ask<Call>(`/api/calls/${encodeURIComponent(id)}`, { signal }),
    retry: (count, error) => count < 2 && !(error instanceof Refusal && error.status < 500 && error.status !== 0),
  })
  const fetched = query.data
  return { ...query, call: known && (!fetched || fetched.version <= known.version) ? known : fetched }
}

/** The history of a call, fetched again whenever the call is known to have moved on. */
export function useHistory(id: string) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['history', id],
    queryFn: async ({ signal }) =>
      (await askAll<CallEvent>(`/api/calls/${encodeURIComponent(id)}/events`, HISTORY_MAX, signal)).items,
    retry: (count, error) => count < 2 && !(error instanceof Refusal && error.status < 500 && error.status !== 0),
  })
  const version = useLive(({ picture }) => picture.calls.get(id)?.version)
  const last = query.data?.at(-1)?.seq
  useEffect(() => {
    if (version !== undefined && last !== undefined && last < version)
      void client.invalidateQueries({ queryKey: ['history', id] })
  }, [version, last, client, id])
  return query
}

/** What was done to a call, or came too late for it. The second is no event, so nobody tells of it. */
export function useActions(id: string) {
  const version = useLive(({ picture }) => picture.calls.get(id)?.version)
  return useQuery({
    queryKey: ['actions', id, version],
    queryFn: ({ signal }) => ask<Action[]>(`/api/actions?limit=1000&target=${encodeURIComponent(id)}`, { signal }),
    placeholderData: before => before?.filter(({ target }) => target === id),
    refetchInterval: 10_000,
    retry: false,
  })
}
