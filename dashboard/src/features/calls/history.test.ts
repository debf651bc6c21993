/** Where a call's time went, and who did what. */
import { expect, test } from 'vitest'
import type { CallEvent } from '../../api/client.ts'
import { agents, causedBy, spent } from './history.ts'
import { sentence } from './sentences.ts'

const BEGAN = Date.parse('2026-11-21T09:00:00.000Z')
const at = (second: number) => new Date(BEGAN + second * 1_000).toISOString()

type Told = readonly [second: number, type: CallEvent['type'], metadata?: Record<string, unknown>]

const history = (...told: readonly Told[]): CallEvent[] =>
  told.map(([second, type, metadata], index) => ({
    id: `1-${index + 1}`,
    callId: 'c1',
    seq: index + 1,
    timestamp: at(second),
    type,
    ...(metadata && { metadata }),
  }))

const seconds = (events: CallEvent[], now: number) =>
  Object.values(spent(events, BEGAN + now * 1_000)).map(ms => ms / 1_000)

const CALL = history(
  [0, 'call_initiated', { type: 'voice', queueId: 'q' }],
  [4, 'call_routed', { agentId: 'ana', offer: 1 }],
  [19, 'call_retransfer', { agentId: 'ana', attempt: 1, lateMs: 3 }],
  [25, 'call_routed', { agentId: 'bea', offer: 2 }],
  [30, 'sla_breached', { lateMs: 3 }],
  [32, 'call_answered', { waitTime: 32 }],
  [60, 'call_hold', { holdDuration: 20 }],
  [80, 'call_resumed'],
  [100, 'call_transferred', { kind: 'blind', queueId: 'r' }],
  [110, 'call_answered', { agentId: 'cai', waitTime: 10 }],
  [150, 'call_ended', { endReason: 'completed', duration: 150 }],
)

test('waiting, ringing, talking and hold add up', () => {
  // 0-32 and 100-110 waiting, of which 4-19 and 25-32 ringing; 32-60, 80-100 and 110-150 talking; 60-80 hold.
  expect(seconds(CALL, 999)).toEqual([42, 22, 88, 20])
})

test('an open call counts up to now', () => {
  expect(seconds(CALL.slice(0, 7), 75)).toEqual([32, 22, 28, 15])
  expect(seconds(CALL.slice(0, 1), 3)).toEqual([3, 0, 0, 0])
})

test('a time that its source tells counts more than when it was recorded', () => {
  const [first, ...rest] = history([100, 'call_initiated'], [101, 'call_answered'])
  expect(seconds(first ? [{ ...first, occurredAt: at(40) }, ...rest] : [], 101)).toEqual([61, 0, 0, 0])
})

test('each event has its cause', () => {
  const inCall = agents(CALL)
  const who = CALL.map((event, index) => {
    const by = causedBy(event, inCall[index - 1])
    return by.kind === 'agent' ? by.id : by.kind
  })
  expect(who).toEqual(['caller', 'outside', 'system', 'outside', 'system', 'bea', 'bea', 'bea', 'bea', 'cai', 'cai']) // prettier-ignore
})

test('what the system did by itself is said with its reason', () => {
  const say = (event: CallEvent | undefined) =>
    event && sentence(event, 'bea', { queue: id => id.toUpperCase(), agent: id => id })
  expect(say(CALL[2])).toBe('ana did not answer in time, so the call waits again')
  expect(say(CALL[3])).toBe("bea's phone rings (offer 2)")
  expect(say(CALL[5])).toBe('bea answered, after a wait of 32 s')
  expect(say(CALL[8])).toBe('Sent on to R: waits there for somebody')
  expect(say(history([1, 'call_ended', { endReason: 'abandoned', duration: 3 }])[0])).toBe(
    'The caller hung up before the end, after 3 s',
  )
})
