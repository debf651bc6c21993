/** The last quarters of an hour as a chart has them: so many places, the running one last. Pure. */
import { type Interval, QUARTER_MS } from '../../live/service.ts'

/** Two hours: the last one, and the one it is compared with. */
export const QUARTERS = 8

/** One place in a chart. There is nothing to say of what was before the day began. */
export interface Quarter {
  readonly startMs: number
  readonly interval: Interval | undefined
}

/** The places up to the quarter that runs, whatever is known of each. */
export function quarters(intervals: readonly Interval[]): Quarter[] {
  const last = intervals.at(-1)
  if (!last) return []
  const known = new Map(intervals.map(interval => [Date.parse(interval.start), interval]))
  const runs = Date.parse(last.start)
  return Array.from({ length: QUARTERS }, (_, index) => {
    const startMs = runs - (QUARTERS - 1 - index) * QUARTER_MS
    return { startMs, interval: known.get(startMs) }
  })
}

/** The top of a scale with these values on it: 4, 6, 10, 20, 40 … so that its half is a whole number. */
export function top(values: readonly (number | undefined)[]) {
  const most = Math.max(4, ...values.map(value => value ?? 0))
  const power = 10 ** Math.floor(Math.log10(most))
  return power * ([1, 2, 4, 6, 10].find(step => most <= step * power) ?? 10)
}
