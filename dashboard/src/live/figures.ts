/** Service figures: fetched, again and again. */
import { useQuery } from '@tanstack/react-query'
import { ask, Refusal } from '../api/client.ts'

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
}

export type FigureName = keyof Figures

export interface QueueFigures {
  readonly queueId?: string
  readonly name?: string
  readonly today: Figures
  readonly lastHour: Figures
  readonly intervals?: readonly (Figures & { readonly start: string })[]
}

export interface Service {
  readonly asOf: string
  readonly timeZone: string
  readonly formulas: Readonly<
    Record<string, { readonly formula: string; readonly source: string; readonly unit: string }>
  >
  readonly queues: readonly QueueFigures[]
  readonly total: QueueFigures
}

/** A server without these answers 404: that is no failure, it has none. */
async function askIfThere<T>(path: string, signal: AbortSignal): Promise<T | null> {
  try {
    return await ask<T>(path, { signal })
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null
    throw error
  }
}

export const useService = () =>
  useQuery({
    queryKey: ['service'],
    queryFn: ({ signal }) => askIfThere<Service>('/api/metrics/queues', signal),
    refetchInterval: 5_000,
  })
