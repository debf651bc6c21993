/** Everything that happened in a call, in the order of recording, and who or what caused it. */
import { Fragment } from 'react'
import type { Action, CallEvent, Queue } from '../../api/client.ts'
import { useLive } from '../../live/useLive.ts'
import { Icon, type IconName } from '../../ui/Icon.tsx'
import { Moment } from '../../ui/parts.tsx'
import { clock, span, timeOfDay, utc } from '../../util/time.ts'
import { words } from '../../words.ts'
import { agents, causedBy, happenedAt, number, text, type Who } from './history.ts'
import { lateAfter, lateSentence } from './late.ts'
import { type Names, sentence } from './sentences.ts'

const ICON: Record<string, IconName> = {
  call_initiated: 'waiting',
  call_routed: 'ringing',
  call_answered: 'active',
  call_hold: 'on_hold',
  call_resumed: 'active',
  call_transferred: 'transfer',
  call_ended: 'ended',
  call_retransfer: 'system',
  sla_breached: 'critical',
  hold_exceeded: 'critical',
  survey_requested: 'system',
}

export function Timeline({
  events,
  actions,
  queues,
}: {
  events: readonly CallEvent[]
  actions: readonly Action[]
  queues: ReadonlyMap<string, Queue>
}) {
  const inCall = agents(events)
  const first = events[0] ? happenedAt(events[0]) : 0
  const agentsNow = useLive(shown => shown.agents)
  const names = {
    queue: (id: string) => queues.get(id)?.name ?? id,
    agent: (id: string) => agentsNow.get(id)?.name ?? id,
  }
  const late = lateAfter(events, actions)
  const nameOf = (who: Who) => (who.kind === 'agent' ? names.agent(who.id) : words.who[who.kind])
  return (
    <ol className="timeline">
      {events.map((event, index) => {
        const { id, type, timestamp, occurredAt, metadata } = event
        const before = index > 0 ? inCall[index - 1] : undefined
        const lateMs = number(metadata?.['lateMs'])
        const reason = text(metadata?.['reason'])
        const flags = Array.isArray(metadata?.['flags'])
          ? (metadata['flags'] as { rule: string; message: string }[])
          : []
        return (
          <Fragment key={id}>
            <li className={`event event-${type}`}>
              <span className="event-icon">
                <Icon name={ICON[type] ?? 'system'} size={14} />
              </span>
              <div>
                <p className="event-says">{sentence(event, before, names)}.</p>
                <p className="event-by">
                  <span>{nameOf(causedBy(event, before))}</span>
                  <Moment at={timestamp} />
                  <span title={utc(timestamp)}>+{clock((happenedAt(event) - first) / 1000)}</span>
                  {lateMs !== undefined && (
                    <span>{lateMs < 50 ? words.call.inTime : words.call.late(span(lateMs))}</span>
                  )}
                  {occurredAt && <span title={utc(occurredAt)}>{words.call.occurred(timeOfDay(occurredAt))}</span>}
                  {reason && <span>{words.says.reason(words.spaced(reason))}</span>}
                </p>
                {flags.map(({ rule, message }) => (
                  <p key={rule} className={`flag flag-${rule}`}>
                    <Icon name="flag" size={12} /> {words.rule(rule)}: {message}
                  </p>
                ))}
              </div>
            </li>
            {late.get(index)?.map(answer => (
              <Late key={answer.id} answer={answer} names={names} />
            ))}
          </Fragment>
        )
      })}
    </ol>
  )
}

/** An answer that was refused: it is no event, and changed nothing. */
function Late({ answer, names }: { answer: Action; names: Names }) {
  return (
    <li className="event event-late_answer">
      <span className="event-icon">
        <Icon name="warning" size={14} />
      </span>
      <div>
        <p className="event-says">{lateSentence(answer, names)}.</p>
        <p className="event-by">
          <span>{answer.by}</span>
          <Moment at={answer.at} />
        </p>
      </div>
    </li>
  )
}
