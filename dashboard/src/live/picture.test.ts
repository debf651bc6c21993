/** The fold, as properties: whatever comes in whatever order, the picture ends as a fresh fetch shows it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Call } from '../api/client.ts'
import { ENDED_MAX, fold, learn, NOTHING, type Picture, refetched } from './picture.ts'

type Status = Call['status']
type Update = { readonly call: Call }

const NEXT: Record<Status, readonly Status[]> = {
  waiting: ['waiting', 'active', 'ended'],
  active: ['on_hold', 'waiting', 'active', 'ended'],
  on_hold: ['active', 'waiting', 'ended'],
  ended: ['ended'],
}

const call = (id: string, version: number, status: Status): Call => ({
  id,
  version,
  status,
  type: 'voice',
  queueId: 'medical_spanish',
  startTime: `2026-11-21T09:00:${id.padStart(2, '0')}.000Z`,
  flags: [],
  ...(status === 'ended' && { endTime: `2026-11-21T10:00:${id.padStart(2, '0')}.000Z` }),
})

/** A history of several calls, as the server recorded it: each step moves one call on. */
const histories = fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { minLength: 1, maxLength: 60 }).map(steps => {
  const now = new Map<string, Call>()
  return steps.map(([number, choice]): Update => {
    const id = String(number)
    const before = now.get(id)
    const next = before ? NEXT[before.status] : (['waiting'] as const)
    const after = call(id, (before?.version ?? 0) + 1, next[choice % next.length] ?? 'ended')
    now.set(id, after)
    return { call: after }
  })
})

/** What the server would answer after so many steps. */
const server = (history: readonly Update[], steps: number) => {
  const now = new Map<string, Call>()
  for (const update of history.slice(0, steps)) now.set(update.call.id, update.call)
  return [...now.values()]
}
const openAt = (history: readonly Update[], steps: number) =>
  server(history, steps).filter(({ status }) => status !== 'ended')

/** Open calls by id, with the version of each: what is on the screen. */
const open = (picture: Picture) =>
  [...picture.calls.values()]
    .filter(({ status }) => status !== 'ended')
    .map(({ id, version, status }) => `${id} ${version} ${status}`)
    .sort()
const fresh = (history: readonly Update[]) => open(refetched(NOTHING, openAt(history, history.length), new Set()))

/** The same list in another order, some of it twice. */
const disordered = (updates: readonly Update[], order: readonly number[]) => {
  const twice = [...updates, ...updates.filter((_, index) => (order[index % order.length] ?? 0) % 3 === 0)]
  return twice
    .map((update, index) => ({ update, rank: order[(index * 7) % order.length] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ update }) => update)
}
const orders = fc.array(fc.nat(1_000), { minLength: 8, maxLength: 40 })

describe('updates in any order, as often as you like', () => {
  test('end in the same picture as a fresh fetch', () => {
    fc.assert(
      fc.property(histories, orders, (history, order) => {
        expect(open(fold(NOTHING, disordered(history, order)))).toEqual(fresh(history))
      }),
      { numRuns: 500 },
    )
  })

  test('one at a time or all at once is the same', () => {
    fc.assert(
      fc.property(histories, orders, (history, order) => {
        const updates = disordered(history, order)
        const oneByOne = updates.reduce((picture, update) => fold(picture, [update]), NOTHING)
        expect(open(oneByOne)).toEqual(open(fold(NOTHING, updates)))
      }),
    )
  })

  test('never move a call backwards', () => {
    fc.assert(
      fc.property(histories, orders, (history, order) => {
        let picture = NOTHING
        for (const update of disordered(history, order)) {
          const before = picture
          picture = fold(picture, [update])
          for (const [id, { version }] of before.calls)
            expect(picture.calls.get(id)?.version).toBeGreaterThanOrEqual(version)
        }
      }),
    )
  })
})

test('whatever was missed, joining and fetching ends in the same picture as a fresh fetch', () => {
  const gaps = fc.record({
    /** Heard until here, then nothing. */
    lost: fc.nat(100),
    /** Joined again here; the fetch reads each status somewhere after that. */
    joined: fc.nat(100),
    reads: fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)),
    /** As much of what was heard since is folded before the fetch is, the rest after it. */
    early: fc.nat(100),
  })
  fc.assert(
    fc.property(histories, orders, gaps, (history, order, gap) => {
      const at = (part: number, from = 0) => from + Math.round(((history.length - from) * part) / 100)
      const lost = at(gap.lost)
      const joined = at(gap.joined, lost)
      const since = disordered(history.slice(joined), order)
      const early = since.slice(0, Math.round((since.length * gap.early) / 100))
      const statuses = ['waiting', 'active', 'on_hold'] as const
      const fetched = statuses.flatMap((status, index) =>
        openAt(history, at(gap.reads[index] ?? 0, joined)).filter(it => it.status === status),
      )
      let picture = fold(NOTHING, disordered(history.slice(0, lost), order))
      picture = fold(picture, early)
      picture = refetched(picture, fetched, new Set(early.map(it => it.call.id)))
      picture = fold(picture, since.slice(early.length))
      expect(open(picture)).toEqual(fresh(history))
    }),
    { numRuns: 2_000 },
  )
})

test('news heard twice renders nothing again', () => {
  const picture = fold(NOTHING, [{ call: call('1', 3, 'active') }])
  expect(fold(picture, [{ call: call('1', 2, 'waiting') }, { call: call('1', 3, 'active') }])).toBe(picture)
  expect(learn(picture, [call('1', 3, 'active')])).toBe(picture)
})

test('a call that ended while nobody listened is gone after the fetch', () => {
  const picture = fold(NOTHING, [{ call: call('1', 1, 'waiting') }, { call: call('2', 1, 'waiting') }])
  expect(open(refetched(picture, [call('2', 1, 'waiting')], new Set()))).toEqual(['2 1 waiting'])
})

test('ended calls are forgotten, the oldest first, and never an open one', () => {
  const ended = Array.from({ length: ENDED_MAX + 1 }, (_, index) => ({
    call: { ...call(String(index), 2, 'ended'), endTime: new Date(index * 1_000).toISOString() },
  }))
  const picture = fold(fold(NOTHING, [{ call: call('open', 1, 'waiting') }]), ended)
  expect(picture.calls.size).toBeLessThan(ENDED_MAX)
  expect(picture.ended).toBe(picture.calls.size - 1)
  expect(picture.calls.has('open')).toBe(true)
  expect(picture.calls.has('0')).toBe(false)
  expect(picture.calls.has(String(ENDED_MAX))).toBe(true)
})
