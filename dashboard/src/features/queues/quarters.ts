/** The last quarters of an hour as a chart has them: so many places, the running one last. Pure. */
import { type Interval, QUARTER_MS } from '../../live/service.ts'

/** Two hours: the last one, and the one it is compared with. */
export const QUARTERS = 8

/** One place in a chart. There is nothing to say of what was before the day began. */
export interface Quarter {
  readonly startMs: number
  readonly interval: Interval | undefined
}

/** A bar, and the one behind it that it is measured by. */
export interface Column {
  readonly value: number | undefined
  readonly of?: number | undefined
}

/** Bars that look alike, those behind first; each as it was, and as it runs. */
export const LOOKS = ['of', 'ofRuns', 'is', 'isRuns', 'over', 'overRuns'] as const
export type Look = (typeof LOOKS)[number]

/** What a chart draws: bars by their look, place by place, up to the top of the scale. */
export interface Drawing {
  readonly bars: Readonly<Record<Look, readonly (number | null)[]>>
  readonly target: number | undefined
  readonly top: number
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

/** Which bar stands where. There is none for nothing. */
export function drawing(columns: readonly Column[], target?: number): Drawing {
  const none = () => columns.map((): number | null => null)
  const bars = { of: none(), ofRuns: none(), is: none(), isRuns: none(), over: none(), overRuns: none() }
  for (const [index, { value, of }] of columns.entries()) {
    const isOver = target !== undefined && target < (value ?? 0)
    const [behind, before] =
      index < columns.length - 1
        ? ([bars.of, isOver ? bars.over : bars.is] as const)
        : ([bars.ofRuns, isOver ? bars.overRuns : bars.isRuns] as const)
    behind[index] = of || null
    before[index] = value || null
  }
  return { bars, target, top: top([...columns.flatMap(({ value, of }) => [value, of]), target && target * 1.1]) }
}

/** The top of a scale with these values on it: 4, 6, 10, 20, 40 … so that its half is a whole number. */
export function top(values: readonly (number | undefined)[]) {
  const most = Math.max(4, ...values.map(value => value ?? 0))
  const power = 10 ** Math.floor(Math.log10(most))
  return power * ([1, 2, 4, 6, 10].find(step => most <= step * power) ?? 10)
}
