/** What is known of every alert. An alert is raised once and taken note of once: it never goes back. */
import type { Alert } from '../api/client.ts'

export type Alerts = ReadonlyMap<string, Alert>

export const NO_ALERTS: Alerts = new Map()

/** As many as are kept; those that nobody took note of go last. */
export const ALERTS_MAX = 2_000

/** The alerts after this news. The same ones, where it is no news. */
export function foldAlerts(alerts: Alerts, news: readonly Alert[]): Alerts {
  const fresh = news.filter(alert => isNews(alert, alerts.get(alert.id)))
  if (fresh.length === 0) return alerts
  const known = new Map(alerts)
  for (const alert of fresh) if (isNews(alert, known.get(alert.id))) known.set(alert.id, alert)
  return known.size <= ALERTS_MAX
    ? known
    : new Map(
        newestFirst(known)
          .slice(0, ALERTS_MAX)
          .map(it => [it.id, it]),
      )
}

const isNews = (alert: Alert, known: Alert | undefined) => !known || (!known.acknowledgedAt && !!alert.acknowledgedAt)

/** Those that nobody took note of, then the others; each the newest first. */
export function newestFirst(alerts: Alerts): Alert[] {
  return [...alerts.values()].sort(
    (a, b) =>
      Number(!!a.acknowledgedAt) - Number(!!b.acknowledgedAt) || compare(b.raisedAt, a.raisedAt) || compare(b.id, a.id),
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export type Severity = 'critical' | 'warning'

/** Somebody waits and can still be helped; everything else is to be looked into. */
const CRITICAL = new Set(['sla_breached', 'hold_exceeded', 'no_agent', 'call_lost'])

export const severity = ({ rule }: Pick<Alert, 'rule'>): Severity => (CRITICAL.has(rule) ? 'critical' : 'warning')
