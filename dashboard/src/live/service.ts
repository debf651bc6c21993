/** Service figures as they are told: pure. */
import type { Schemas } from '../api/client.ts'

export const QUARTER_MS = 15 * 60_000

export type Service = Schemas['QueuesMetrics']
export type QueueFigures = Schemas['QueueMetrics']
export type Figures = Schemas['Figures']
export type Interval = Schemas['IntervalFigures']

/** Those that are one number. */
export type FigureName = Exclude<keyof Figures, 'waitSeconds'>

/**
 * What was fetched, brought up to date by what was heard since. What came since counts in the quarter
 * of an hour that runs, so that a chart and the figures beside it agree; the next fetch knows better.
 */
export function current(fetched: Service, heard: Schemas['MetricsUpdate'] | undefined): Service {
  if (!heard || heard.asOf <= fetched.asOf) return fetched
  const newer = new Map(heard.queues.map(queue => [queue.queueId, queue]))
  return {
    ...fetched,
    asOf: heard.asOf,
    queues: fetched.queues.map(queue => {
      const now = newer.get(queue.queueId)
      return now ? { ...queue, ...now, intervals: grown(queue, now.today, heard.asOf) } : queue
    }),
  }
}

function grown({ intervals, today }: QueueFigures, heard: Figures, asOf: string): readonly Interval[] {
  const runs = intervals.at(-1)
  if (!runs || Date.parse(runs.start) + QUARTER_MS <= Date.parse(asOf)) return intervals
  const offered = runs.offered + Math.max(0, heard.offered - today.offered)
  const answered = runs.answered + Math.max(0, heard.answered - today.answered)
  return [...intervals.slice(0, -1), { ...runs, offered, answered }]
}
