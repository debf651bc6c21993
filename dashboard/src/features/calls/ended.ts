/** Calls that ended, of any age: fetched page by page, and searched by the server where filters are set. */
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { askPage, type Call } from '../../api/client.ts'
import { useLive } from '../../live/useLive.ts'

const PAGE = 1_000
/** A search goes on by itself for so many pages while it finds nothing. */
const EMPTY_MAX = 10
/** Nobody types slower, so a word is searched once and not letter by letter. */
const TYPED_WITHIN_MS = 300

/** The pages up to the first with a call on it, as one. */
async function fetchSome(path: string, signal: AbortSignal) {
  let page = await askPage<Call>(path, signal)
  for (let empty = 1; page.items.length === 0 && page.next !== undefined && empty < EMPTY_MAX; empty += 1) {
    page = await askPage<Call>(page.next, signal)
  }
  return page
}

/** What this was when it last stayed the same for a moment. */
function useSettled(value: string) {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), TYPED_WITHIN_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

/** The calls that ended under these filters, once somebody wants to see them. Those that end from then on are heard of. */
export function useEnded(isWanted: boolean, filters: string) {
  const isWhole = useLive(({ connection }) => connection.isWhole)
  const client = useQueryClient()
  const asked = useSettled(filters)
  const query = useInfiniteQuery({
    queryKey: ['ended', asked],
    queryFn: ({ pageParam, signal }) => fetchSome(pageParam, signal),
    initialPageParam: `/api/calls?status=ended&limit=${PAGE}${asked.replace('?', '&')}`,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    enabled: isWanted && isWhole,
    gcTime: 30_000,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
  })

  // The picture forgets what ended first; by then the newest page has to begin later.
  const kept = useLive(({ picture }) => picture.ended)
  const before = useRef(kept)
  useEffect(() => {
    if (kept < before.current) void client.invalidateQueries({ queryKey: ['ended'] })
    before.current = kept
  }, [kept, client])

  const pages = query.data?.pages
  const calls = useMemo(
    () => new Map(isWanted ? pages?.flatMap(({ items }) => items).map(call => [call.id, call]) : []),
    [pages, isWanted],
  )
  const last = pages?.at(-1)
  return {
    calls,
    /** Every call that began since was looked at; nothing where that is all of them. */
    backTo: last?.next === undefined ? undefined : (last.backTo ?? last.items.at(-1)?.startTime),
    isSearching: query.isPending || query.isPlaceholderData || query.isFetchingNextPage || asked !== filters,
    hasMore: query.hasNextPage,
    error: query.error,
    goOn: () => void (query.isError && !pages ? query.refetch() : query.fetchNextPage()),
  }
}

export type Ended = ReturnType<typeof useEnded>
