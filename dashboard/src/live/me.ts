/** Whom the server takes us for, and what that person may do. */
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { ask, type Schemas } from '../api/client.ts'
import { onPerson, whoIsHere } from '../api/session.ts'

type Me = Schemas['Me']

/** Whether to offer what a role may do: without a key yet, one will be asked for. */
export function useMay(role: Me['role']) {
  const person = useSyncExternalStore(onPerson, whoIsHere)
  const { data } = useQuery({
    queryKey: ['me', person?.key ?? ''],
    queryFn: ({ signal }) => ask<Me>('/api/me', { signal }),
    enabled: person !== undefined,
    staleTime: 60_000,
  })
  return person === undefined || (data?.may.includes(role) ?? true)
}
