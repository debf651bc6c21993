/** Which quarters of an hour a chart has, and how high it is. */
import { expect, test } from 'vitest'
import type { Interval } from '../../live/service.ts'
import { drawing, QUARTERS, quarters, top } from './quarters.ts'

const MIDNIGHT = Date.parse('2026-11-21T00:00:00.000Z')
const at = (quarter: number) =>
  ({ start: new Date(MIDNIGHT + quarter * 900_000).toISOString(), offered: quarter }) as Interval

test('the running quarter is the last, and two hours are shown even where the day is younger', () => {
  const young = quarters([at(0), at(1)])
  expect(young).toHaveLength(QUARTERS)
  expect(young.map(({ interval }) => interval?.offered)).toEqual([...Array(6).fill(undefined), 0, 1])
  expect(young.at(-1)?.startMs).toBe(MIDNIGHT + 900_000)
  const old = quarters(Array.from({ length: 40 }, (_, index) => at(index)))
  expect(old.map(({ interval }) => interval?.offered)).toEqual([32, 33, 34, 35, 36, 37, 38, 39])
  expect(quarters([])).toEqual([])
})

test('a scale ends at or above what is on it, and can be halved', () => {
  expect([0, 3, 5, 7, 12, 20, 41, 99, 100, 101, 650].map(value => top([value, undefined]))).toEqual([
    4, 4, 6, 10, 20, 20, 60, 100, 100, 200, 1000,
  ])
})

test('a bar is behind or before, kept or broken, and the last one runs', () => {
  const { bars, top: most } = drawing([
    { value: 3, of: 5 },
    { value: 0, of: 0 },
    { value: undefined },
    { value: 4, of: 4 },
  ])
  expect(bars).toEqual({
    of: [5, null, null, null],
    ofRuns: [null, null, null, 4],
    is: [3, null, null, null],
    isRuns: [null, null, null, 4],
    over: [null, null, null, null],
    overRuns: [null, null, null, null],
  })
  expect(most).toBe(6)
})

test('what took longer than the target stands out, and the target is always on the scale', () => {
  const { bars, target, top: most } = drawing([{ value: 31 }, { value: 30 }, { value: 40 }], 30)
  expect([bars.over, bars.is, bars.overRuns]).toEqual([
    [31, null, null],
    [null, 30, null],
    [null, null, 40],
  ])
  expect([target, most, drawing([{ value: undefined }], 100).top]).toEqual([30, 40, 200])
})
