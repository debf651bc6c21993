/** Where late answers stand in a call's history, and what they say. */
import { expect, test } from 'vitest'
import type { Action, CallEvent } from '../../api/client.ts'
import { lateAfter, lateSentence } from './late.ts'

const at = (second: number) => new Date(Date.parse('2026-11-21T09:00:00.000Z') + second * 1_000).toISOString()

const event = (second: number, type: CallEvent['type']): CallEvent => ({
  id: `1-${second}`,
  callId: 'c1',
  seq: second + 1,
  timestamp: at(second),
  type,
})

const late = (second: number, detail: Record<string, unknown>): Action => ({
  id: `1-late-${second}`,
  at: at(second),
  by: 'adapter',
  role: 'ingest',
  action: 'late_answer',
  target: 'c1',
  detail,
})

const names = { queue: (id: string) => id, agent: (id: string) => id }

test('a late answer stands after what made it late, the earlier one first', () => {
  const events = [event(0, 'call_initiated'), event(4, 'call_routed'), event(9, 'call_routed'), event(20, 'call_ended')]
  const [early, later] = [late(10, { agentId: 'ana', offer: 1 }), late(12, { agentId: 'eva', offer: 1 })]
  const other = { ...late(11, {}), action: 'call_reassigned' }
  expect([...lateAfter(events, [later, other, early])]).toEqual([[2, [early, later]]])
})

test('it says who answered which offer, and what stood instead', () => {
  const says = (detail: Record<string, unknown>) => lateSentence(late(1, detail), names)
  expect(says({ agentId: 'ana', offer: 1, standingOffer: 2, status: 'waiting' })).toBe(
    'ana answered too late: offer 1, while offer 2 stands',
  )
  expect(says({ agentId: 'ana', status: 'waiting' })).toBe('ana answered too late, when that was offered no longer')
  expect(says({ offer: 1, status: 'active' })).toBe('Somebody answered too late: offer 1, when another had answered')
})
