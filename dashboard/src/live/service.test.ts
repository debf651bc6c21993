/** Figures that were fetched and figures that were told are one picture. */
import { expect, test } from 'vitest'
import { samples } from '../api/samples.check.ts'
import { current } from './service.ts'

const fetched = samples['QueuesMetrics.one']
const heard = samples['MetricsUpdate.one']

test('what was told later replaces what was fetched, and keeps its quarters of an hour', () => {
  const queues = heard.queues.map(queue => ({ ...queue, today: { ...queue.today, offered: 777 } }))
  const later = { ...heard, asOf: '2126-01-01T00:00:00.000Z', queues }
  const now = current(fetched, later)
  expect(now.queues.map(({ today }) => today.offered)).toEqual(fetched.queues.map(() => 777))
  expect(now.queues.map(({ intervals }) => intervals)).toEqual(fetched.queues.map(({ intervals }) => intervals))
})

test('what came since counts in the quarter that runs, as long as it runs', () => {
  const start = fetched.queues[0]?.intervals.at(-1)?.start ?? ''
  const at = (minute: number) => new Date(Date.parse(start) + minute * 60_000).toISOString()
  const before = { ...fetched, asOf: at(1) }
  const offered = (minute: number) => {
    const queues = fetched.queues.map(queue => ({
      ...queue,
      today: { ...queue.today, offered: queue.today.offered + 3 },
    }))
    return current(before, { ...heard, asOf: at(minute), queues }).queues[0]?.intervals.at(-1)?.offered
  }
  const was = fetched.queues[0]?.intervals.at(-1)?.offered ?? 0
  expect([offered(14), offered(16)]).toEqual([was + 3, was])
})

test('what was told earlier changes nothing', () => {
  expect(current(fetched, { ...heard, asOf: '2000-01-01T00:00:00.000Z' })).toBe(fetched)
  expect(current(fetched, undefined)).toBe(fetched)
})
