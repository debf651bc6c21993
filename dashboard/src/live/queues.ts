/** The queues and what they promise; they change seldom. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ask, type Queue } from '../api/client.ts'

export function useQueues() {
  const query = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => ask<Queue[]>('/api/queues', { signal }),
    refetchInterval: 60_000,
  })
  const byId = useMemo(() => new Map((query.data ?? []).map(queue => [queue.id, queue])), [query.data])
  return { ...query, byId }
}
