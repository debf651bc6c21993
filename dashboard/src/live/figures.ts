/** Service figures: fetched with their quarters of an hour, and kept current by the socket. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ask } from '../api/client.ts'
import { current, type Service } from './service.ts'
import { useLive } from './useLive.ts'

/** The figures of every queue. */
export function useService() {
  const isWhole = useLive(({ connection }) => connection.isWhole)
  const heard = useLive(shown => shown.figures)
  const query = useQuery({
    queryKey: ['service'],
    queryFn: ({ signal }) => ask<Service>('/api/metrics/queues', { signal }),
    refetchInterval: 30_000,
    enabled: isWhole,
  })
  const service = useMemo(() => query.data && current(query.data, heard), [query.data, heard])
  return { ...query, service }
}
