/** A storm is one row; everything else stays as it was. */
import { expect, test } from 'vitest'
import type { Alert, Call } from '../../api/client.ts'
import { ALONE_MAX, grouped } from './groups.ts'

const storm = (count: number, rule = 'sla_breached', message = (index: number) => `late ${index}`): Alert[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${rule}-${index}`,
    callId: `c${index}`,
    rule,
    message: message(index),
    raisedAt: '2026-11-21T09:00:00.000Z',
  }))
const inQueue = (alerts: readonly Alert[], queueId: string) =>
  new Map(alerts.map(({ callId }) => [callId, { id: callId, queueId } as Call]))

test('a few of a kind stand by themselves', () => {
  const few = storm(ALONE_MAX)
  expect(grouped(few, inQueue(few, 'sales'))).toEqual(few)
})

test('more of one rule in one queue are a group, where its newest stood', () => {
  const many = storm(ALONE_MAX + 1)
  const [other] = storm(1, 'short_call')
  if (!other) throw new Error('there is one')
  const [newest, ...older] = many
  const entries = grouped([other, ...many], inQueue(many, 'sales'))
  expect(entries).toEqual([other, { key: expect.any(String), queueId: 'sales', alerts: [newest, ...older] }])
})

test('of calls that are not known, those with one message are a group', () => {
  expect(grouped(storm(9, 'call_lost'), new Map())).toHaveLength(9)
  expect(
    grouped(
      storm(9, 'call_lost', () => 'lost'),
      new Map(),
    ),
  ).toHaveLength(1)
})

test('what somebody saw is in no group', () => {
  const seen = storm(9).map(alert => ({ ...alert, acknowledgedAt: '2026-11-21T09:00:09.000Z' }))
  expect(grouped(seen, inQueue(seen, 'sales'))).toEqual(seen)
})
