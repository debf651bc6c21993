/** A storm of alerts as one row: those nobody saw, of one rule, in one queue or with one message. */
import type { Alert, Call } from '../../api/client.ts'

/** As many of a kind stand by themselves; more are a group. */
export const ALONE_MAX = 5

export interface Group {
  readonly key: string
  /** Where their calls are known and in one queue. */
  readonly queueId: string | undefined
  /** The newest first; there is always one. */
  readonly alerts: readonly [Alert, ...Alert[]]
}

/** The same alerts in the same order, except that a group stands where its newest did. */
export function grouped(alerts: readonly Alert[], calls: ReadonlyMap<string, Call>): (Alert | Group)[] {
  const kinds = new Map<string, { queueId: string | undefined; alerts: [Alert, ...Alert[]] }>()
  const keys = alerts.map(alert => {
    if (alert.acknowledgedAt) return undefined
    const queueId = calls.get(alert.callId)?.queueId
    const key = JSON.stringify([alert.rule, queueId === undefined ? 'message' : 'queue', queueId ?? alert.message])
    const kind = kinds.get(key)
    if (kind) kind.alerts.push(alert)
    else kinds.set(key, { queueId, alerts: [alert] })
    return key
  })
  return alerts.flatMap((alert, index): (Alert | Group)[] => {
    const key = keys[index]
    const kind = key === undefined ? undefined : kinds.get(key)
    if (key === undefined || !kind || kind.alerts.length <= ALONE_MAX) return [alert]
    return kind.alerts[0] === alert ? [{ key, ...kind }] : []
  })
}
