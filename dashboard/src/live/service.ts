/** Service figures as they are told: pure. */
import type { Schemas } from '../api/client.ts'

export type Service = Schemas['QueuesMetrics']
export type QueueFigures = Schemas['QueueMetrics']
export type Figures = Schemas['Figures']
export type Interval = Schemas['IntervalFigures']

/** Those that are one number. */
export type FigureName = Exclude<keyof Figures, 'waitSeconds'>

/** What was fetched, brought up to date by what was heard since; quarters of an hour come with the next fetch. */
export function current(fetched: Service, heard: Schemas['MetricsUpdate'] | undefined): Service {
  if (!heard || heard.asOf <= fetched.asOf) return fetched
  const newer = new Map(heard.queues.map(queue => [queue.queueId, queue]))
  return {
    ...fetched,
    asOf: heard.asOf,
    queues: fetched.queues.map(queue => ({ ...queue, ...newer.get(queue.queueId) })),
  }
}
