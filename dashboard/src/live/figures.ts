/** Service figures: fetched with their quarters of an hour, and kept current by the socket. */
import { useQuery } from '@tanstack/react-query'
import { ask, Refusal } from '../api/client.ts'
import { useLive } from './useLive.ts'

export interface Figures {
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly shortAbandoned: number
  readonly serviceLevel?: number
  readonly asaSeconds?: number
  readonly ahtSeconds?: number
  readonly averageHoldSeconds?: number
  readonly longestHoldSeconds?: number
  readonly transferRate?: number
  readonly ringNoAnswerRate?: number
  readonly waitSeconds?: { readonly p50: number; readonly p90: number; readonly p95: number; readonly p99: number }
}

/** Those that are one number. */
export type FigureName = Exclude<keyof Figures, 'waitSeconds'>
export type Interval = Figures & { readonly start: string }

export interface QueueFigures {
  readonly queueId: string
  readonly name: string
  readonly targetSeconds: number
  readonly today: Figures
  readonly lastHour: Figures
  readonly intervals: readonly Interval[]
}

export interface Service {
  readonly asOf: string
  readonly timeZone: string
  readonly formulas: Readonly<
    Record<string, { readonly formula: string; readonly source: string; readonly unit: string }>
  >
  readonly queues: readonly QueueFigures[]
}

/** A server without figures answers 404: that is no failure, it has none. */
async function askIfThere(path: string, signal: AbortSignal): Promise<Service | null> {
  try {
    return await ask<Service>(path, { signal })
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null
    throw error
  }
}

/** The figures of every queue; `null` where the server has none. */
export function useService() {
  const isWhole = useLive(({ connection }) => connection.isWhole)
  return useQuery({
    queryKey: ['service'],
    queryFn: ({ signal }) => askIfThere('/api/metrics/queues', signal),
    refetchInterval: ({ state }) => (state.data === null ? false : 5_000),
    enabled: isWhole,
  })
}
