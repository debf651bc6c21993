/** Broken promises: in view until somebody takes note of them, with who did. */
import { type ReactNode, useMemo, useState } from 'react'
import type { Alert } from '../../api/client.ts'
import { newestFirst, severity } from '../../live/alerts.ts'
import { useQueues } from '../../live/queues.ts'
import { serverNow } from '../../live/serverTime.ts'
import { useNow } from '../../live/ticker.ts'
import { useLive } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Message, Moment, reason } from '../../ui/parts.tsx'
import { PhaseBadge, phaseOf } from '../../ui/phases.tsx'
import { clock, span, timeOfDay } from '../../util/time.ts'
import { link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { acknowledge } from './act.ts'
import { type Group, grouped } from './groups.ts'

/** As many as are drawn; more are seldom read. */
const SHOWN_MAX = 200

export function AlertsPage() {
  const alerts = useLive(shown => shown.alerts)
  const wasWhole = useLive(({ connection }) => connection.trueUntil !== undefined)
  const place = usePlace()
  const isAll = place.query.get('show') === 'all'
  const only = place.query.get('severity')
  const [problem, setProblem] = useState<unknown>()
  const [progress, setProgress] = useState<{ readonly done: number; readonly of: number }>()
  const queues = useQueues().byId
  const queueName = (id: string) => queues.get(id)?.name ?? id
  const sorted = useMemo(() => newestFirst(alerts), [alerts])
  const open = sorted.filter(({ acknowledgedAt }) => !acknowledgedAt)
  const listed = (isAll ? sorted : open).filter(alert => !only || severity(alert) === only)
  const unseen = listed.filter(({ acknowledgedAt }) => !acknowledgedAt)
  const calls = useLive(({ picture }) => picture.calls)
  const entries = grouped(listed, calls)
  const act = (which: readonly Alert[]) => {
    setProblem(undefined)
    const of = which.length
    if (of > 1) setProgress({ done: 0, of })
    acknowledge(which, done => of > 1 && setProgress({ done, of }))
      .catch(setProblem)
      .finally(() => of > 1 && setProgress(undefined))
  }
  const row = (alert: Alert) => (
    <AlertRow key={alert.id} alert={alert} queueName={queueName} onAcknowledge={() => act([alert])} />
  )
  const count = (which: string) => open.filter(alert => severity(alert) === which).length
  const tab = (to: Record<string, string | undefined>, isHere: boolean, text: string, many?: number) => (
    <a className="chip" {...link(withQuery(to, place))} aria-current={isHere ? 'page' : undefined}>
      {text}
      {many !== undefined && <span className="count">{many.toLocaleString('en')}</span>}
    </a>
  )
  return (
    <div className="page">
      <h1 className="unseen">{words.alerts.title}</h1>
      <div className="toolbar">
        <nav className="chips" aria-label={words.alerts.list}>
          {tab({ show: undefined, severity: undefined }, !isAll && !only, words.alerts.open, open.length)}
          {tab(
            { show: undefined, severity: 'critical' },
            !isAll && only === 'critical',
            words.alerts.severity.critical,
            count('critical'),
          )}
          {tab(
            { show: undefined, severity: 'warning' },
            !isAll && only === 'warning',
            words.alerts.severity.warning,
            count('warning'),
          )}
          {tab({ show: 'all', severity: undefined }, isAll, words.alerts.all)}
        </nav>
        {progress && (
          <p className="progress" role="status">
            <progress value={progress.done} max={progress.of} aria-label={words.alerts.acknowledging} />
            {words.alerts.progress(progress.done, progress.of)}
          </p>
        )}
        {unseen.length > 1 && (
          <button type="button" disabled={progress !== undefined} onClick={() => act(unseen.slice(0, SHOWN_MAX))}>
            {words.alerts.acknowledgeAll(Math.min(unseen.length, SHOWN_MAX))}
          </button>
        )}
      </div>
      {problem !== undefined && (
        <p className="wrong" role="alert">
          {words.alerts.failed}: {reason(problem)}
        </p>
      )}
      <Soon />
      {listed.length > 0 ? (
        <ul className="alerts" aria-label={words.alerts.list}>
          {entries
            .slice(0, SHOWN_MAX)
            .map(entry =>
              'alerts' in entry ? (
                <GroupRow
                  key={entry.key}
                  group={entry}
                  queueName={queueName}
                  isBusy={progress !== undefined}
                  onAcknowledge={() => act(entry.alerts)}
                  row={row}
                />
              ) : (
                row(entry)
              ),
            )}
        </ul>
      ) : !wasWhole ? (
        <div className="skeleton" role="status" aria-label={words.calls.loading}>
          <span />
          <span />
          <span />
        </div>
      ) : (
        <Message title={alerts.size === 0 ? words.alerts.none : words.alerts.noneOpen}>
          <p>{alerts.size === 0 ? words.alerts.noneHow : words.alerts.noneOpenHow}</p>
        </Message>
      )}
      {SHOWN_MAX < entries.length && <p className="note">{words.alerts.more(SHOWN_MAX)}</p>}
    </div>
  )
}

interface RowProps {
  readonly alert: Alert
  readonly queueName: (id: string) => string
  readonly onAcknowledge: () => void
}

/** What is about to be broken and can still be kept. It goes by itself. */
function Soon() {
  const now = useNow()
  const warnings = useLive(shown => shown.warnings)
  const soon = [...warnings.values()].filter(({ dueAt }) => now <= Date.parse(dueAt))
  if (soon.length === 0) return null
  return (
    <section className="soon-list" aria-label={words.alerts.soon}>
      <h2>{words.alerts.soon}</h2>
      <ul>
        {soon
          .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
          .slice(0, 20)
          .map(({ callId, message, dueAt }) => (
            <li key={callId}>
              <span className="clock">{clock((Date.parse(dueAt) - now) / 1000)}</span>
              <a {...link(`/calls/${encodeURIComponent(callId)}`)}>{callId}</a>
              <span>{message}</span>
            </li>
          ))}
      </ul>
    </section>
  )
}

const ago = (at: string) =>
  words.alerts.ago(span(1_000 * Math.max(1, Math.round((serverNow() - Date.parse(at)) / 1_000))))

interface GroupProps {
  readonly group: Group
  readonly queueName: (id: string) => string
  readonly isBusy: boolean
  readonly onAcknowledge: () => void
  readonly row: (alert: Alert) => ReactNode
}

/** Many alerts of a kind as one row, which opens. */
function GroupRow({ group: { queueId, alerts }, queueName, isBusy, onAcknowledge, row }: GroupProps) {
  useNow()
  const [isOpen, setOpen] = useState(false)
  const [newest] = alerts
  const oldest = alerts.at(-1) ?? newest
  const how = severity(newest)
  const rule = words.rule(newest.rule)
  const where = queueId === undefined ? newest.message : queueName(queueId)
  return (
    <>
      <li className={`alert alert-group alert-${how}`}>
        <span className="severity" title={words.alerts.severityHelp[how]}>
          <Icon name={how} />
          {words.alerts.severity[how]}
        </span>
        <div className="alert-what">
          <p>
            <b>
              {alerts.length.toLocaleString('en')} × {rule}
            </b>
            {': '}
            {where}
          </p>
          <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Icon name={isOpen ? 'up' : 'down'} size={12} /> {isOpen ? words.alerts.hideEach : words.alerts.showEach}
          </button>
        </div>
        <p className="alert-when">
          <span>{words.alerts.newest(ago(newest.raisedAt))}</span>
          <span>{words.alerts.oldest(ago(oldest.raisedAt))}</span>
        </p>
        <button
          type="button"
          disabled={isBusy}
          aria-label={words.alerts.acknowledgeGroup(alerts.length, rule, where)}
          onClick={onAcknowledge}
        >
          {words.alerts.acknowledgeEach(alerts.length)}
        </button>
      </li>
      {isOpen && alerts.slice(0, SHOWN_MAX).map(row)}
    </>
  )
}

function AlertRow({ alert, queueName, onAcknowledge }: RowProps) {
  useNow()
  const how = severity(alert)
  const call = useLive(({ picture }) => picture.calls.get(alert.callId))
  return (
    <li className={`alert alert-${how}${alert.acknowledgedAt ? ' alert-seen' : ''}`}>
      <span className="severity" title={words.alerts.severityHelp[how]}>
        <Icon name={how} />
        {words.alerts.severity[how]}
      </span>
      <div className="alert-what">
        <p>
          <b>{words.rule(alert.rule)}</b>
          {': '}
          {alert.message}
        </p>
        <p className="alert-where">
          <a {...link(`/calls/${encodeURIComponent(alert.callId)}`)}>{alert.callId}</a>
          {call && <PhaseBadge phase={phaseOf(call)} />}
          {call && <span className="faint">{queueName(call.queueId)}</span>}
        </p>
      </div>
      <p className="alert-when">
        <Moment at={alert.raisedAt} />
        <span>{ago(alert.raisedAt)}</span>
      </p>
      {alert.acknowledgedAt ? (
        <p className="alert-seen-by">
          <Icon name="ended" size={14} />{' '}
          {words.alerts.by(alert.acknowledgedBy ?? words.none, timeOfDay(alert.acknowledgedAt))}
        </p>
      ) : (
        <button
          type="button"
          aria-label={words.alerts.acknowledgeOf(words.rule(alert.rule), alert.callId)}
          onClick={onAcknowledge}
        >
          {words.alerts.acknowledge}
        </button>
      )}
    </li>
  )
}
