/** Which calls a link shows, and in what order; how near a promise is. */
import { expect, test } from 'vitest'
import type { Call } from '../../api/client.ts'
import { samples } from '../../api/samples.check.ts'
import { learn, NOTHING } from '../../live/picture.ts'
import { promised, since } from './promise.ts'
import { countsQuery, select, viewOf } from './view.ts'

const NOW = Date.parse('2026-11-21T09:00:00.000Z')
const at = (second: number) => new Date(NOW + second * 1_000).toISOString()
const QUEUE = { slaSeconds: 30, ringSeconds: 15, maxHoldSeconds: 60 }

const made = (id: string, given: Partial<Call>): Call => ({
  id,
  type: 'voice',
  status: 'waiting',
  queueId: 'medical',
  startTime: at(-100),
  flags: [],
  version: 1,
  ...given,
})

const CALLS = [
  made('waits', { slaDueAt: at(12), startTime: at(-18) }),
  made('late', { slaDueAt: at(-5), startTime: at(-35), flags: [{ rule: 'sla_breached', message: '' }] }),
  made('rings', { slaDueAt: at(20), ringDueAt: at(4), agentId: 'ana', startTime: at(-10), queueId: 'legal' }),
  made('talks', { status: 'active', agentId: 'bea' }),
  made('holds', { status: 'on_hold', agentId: 'ana', holdDueAt: at(40) }),
  made('done', { status: 'ended', endTime: at(-1) }),
]
const shown = (query: string) => select(learn(NOTHING, CALLS), viewOf(new URLSearchParams(query))).map(({ id }) => id)

test('what comes due first stands first', () => {
  expect(shown('')).toEqual(['late', 'rings', 'waits', 'holds', 'talks'])
  expect(shown('sort=-due')[0]).toBe('talks')
  expect(shown('sort=age')).toEqual(['rings', 'waits', 'late', 'holds', 'talks'])
  expect(shown('sort=-age')).toEqual(['holds', 'talks', 'late', 'waits', 'rings'])
  expect(shown('sort=id')).toEqual(['holds', 'late', 'rings', 'talks', 'waits'])
})

test('every filter of a link narrows what is shown', () => {
  expect(shown('status=ringing')).toEqual(['rings'])
  expect(shown('status=waiting')).toEqual(['late', 'waits'])
  expect(shown('status=ended')).toEqual(['done'])
  expect(shown('queue=legal')).toEqual(['rings'])
  expect(shown('agent=ana')).toEqual(['rings', 'holds'])
  expect(shown('flag=any')).toEqual(['late'])
  expect(shown('flag=short_call')).toEqual([])
  expect(shown('q=BEA')).toEqual(['talks'])
  expect(shown('status=nonsense&sort=nonsense')).toHaveLength(5)
})

test('older calls are shown beside the picture, which knows better', () => {
  const old = new Map([made('old', { status: 'ended', endTime: at(-50) }), made('done', {})].map(it => [it.id, it]))
  const ended = select(learn(NOTHING, CALLS), viewOf(new URLSearchParams('status=ended')), old)
  expect(ended.map(({ id }) => id)).toEqual(['done', 'old'])
})

test('the server is asked to count under the same filters', () => {
  expect(countsQuery(viewOf(new URLSearchParams('status=ended&queue=legal&q= x &sort=id')))).toBe(
    '?queueId=legal&text=x',
  )
})

test('a promise is calm, soon and over, to the second', () => {
  const urgency = (left: number) => promised(made('c', { slaDueAt: at(left) }), QUEUE, NOW)?.urgency
  expect([30, 10, 9.9, 0, -0.1].map(urgency)).toEqual(['calm', 'calm', 'soon', 'soon', 'over'])
  expect(promised(made('c', { status: 'active' }), QUEUE, NOW)).toBeUndefined()
})

test('a phone that rings beyond the promised answer hides no breach', () => {
  const call = made('c', { slaDueAt: at(-3), ringDueAt: at(5) })
  expect(promised(call, QUEUE, NOW)).toMatchObject({ kind: 'waiting', urgency: 'over' })
})

test('since when a call is what it is follows from its promise', () => {
  expect(since(made('c', { slaDueAt: at(12) }), QUEUE)).toBe(NOW - 18_000)
  expect(since(made('c', { status: 'on_hold', holdDueAt: at(40) }), QUEUE)).toBe(NOW - 20_000)
  expect(since(made('c', { status: 'active' }), QUEUE)).toBeUndefined()
  const talks = { ...samples['Agent.ringing'], callId: 'c', state: 'on_call' as const, since: at(-7) }
  expect(since(made('c', { status: 'active' }), QUEUE, talks)).toBe(NOW - 7_000)
  expect(since(made('d', { status: 'active' }), QUEUE, talks)).toBeUndefined()
})
