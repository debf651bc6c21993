/** Alerts only move forward too. */
import { expect, test } from 'vitest'
import type { Alert } from '../api/client.ts'
import { ALERTS_MAX, foldAlerts, NO_ALERTS, newestFirst, severity } from './alerts.ts'

const raised: Alert = {
  id: '1',
  callId: 'c1',
  rule: 'sla_breached',
  message: 'late',
  raisedAt: '2026-11-21T09:00:00.000Z',
}
const seen: Alert = { ...raised, acknowledgedAt: '2026-11-21T09:00:09.000Z', acknowledgedBy: 'Maria' }

test('an alert that was seen is not unseen by late news', () => {
  const alerts = foldAlerts(NO_ALERTS, [seen])
  expect(foldAlerts(alerts, [raised])).toBe(alerts)
  expect([...foldAlerts(foldAlerts(NO_ALERTS, [raised]), [seen]).values()]).toEqual([seen])
})

test('those to be seen come first, each the newest first', () => {
  const later: Alert = { ...raised, id: '2', raisedAt: '2026-11-21T09:00:05.000Z' }
  const alerts = foldAlerts(NO_ALERTS, [{ ...seen, id: '3', raisedAt: '2026-11-21T09:30:00.000Z' }, raised, later])
  expect(newestFirst(alerts).map(({ id }) => id)).toEqual(['2', '1', '3'])
})

test('those that nobody saw are kept longest', () => {
  const old = Array.from({ length: ALERTS_MAX }, (_, index) => ({ ...seen, id: `s${index}` }))
  const alerts = foldAlerts(NO_ALERTS, [raised, ...old])
  expect(alerts.size).toBe(ALERTS_MAX)
  expect(alerts.has('1')).toBe(true)
})

test('where a caller still waits it is critical', () => {
  expect(severity(raised)).toBe('critical')
  expect(severity({ rule: 'wait_exceeded' })).toBe('warning')
})
