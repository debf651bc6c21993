/** One call beside the table: what it is doing, where its time went, and everything that happened. */
import { useEffect, useRef, useState } from 'react'
import { type Call, type CallEvent, type Queue, Refusal } from '../../api/client.ts'
import { useNow } from '../../live/ticker.ts'
import { useAgentName, useLive } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { CopyButton, Failed, Message, Moment } from '../../ui/parts.tsx'
import { PhaseBadge, phaseOf } from '../../ui/phases.tsx'
import { clock } from '../../util/time.ts'
import { link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { PromiseClock, StateClock } from './Clock.tsx'
import { Hands } from './Hands.tsx'
import { spent } from './history.ts'
import { promised } from './promise.ts'
import { useActions, useCall, useHistory } from './queries.ts'
import { Timeline } from './Timeline.tsx'

export function CallPanel({ id, queues }: { id: string; queues: ReadonlyMap<string, Queue> }) {
  const call = useCall(id)
  const history = useHistory(id)
  const actions = useActions(id)
  const place = usePlace()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
  }, [])
  const isMissing = call.error instanceof Refusal && call.error.status === 404
  return (
    <aside className="panel" aria-label={words.call.title(id)}>
      <header>
        <a className="button quiet back" {...link(withQuery({}, { ...place, path: '/' }))}>
          {words.call.back}
        </a>
        <h2 ref={heading} tabIndex={-1} title={id}>
          {id}
        </h2>
        <CopyButton label={words.call.link} text={() => `${location.origin}/calls/${encodeURIComponent(id)}`} />
        <a className="button quiet" aria-label={words.call.close} {...link(withQuery({}, { ...place, path: '/' }))}>
          <Icon name="close" />
        </a>
      </header>
      {isMissing && !call.call ? (
        <Message title={words.call.missing}>
          <p>{words.call.missingHow(id)}</p>
        </Message>
      ) : call.call ? (
        <Facts call={call.call} events={history.data} queue={queues.get(call.call.queueId)} />
      ) : call.isError ? (
        <Failed error={call.error} retry={() => void call.refetch()} />
      ) : (
        <div className="skeleton" role="status" aria-label={words.calls.loading}>
          <span />
          <span />
          <span />
        </div>
      )}
      {call.call && (
        <>
          <Hands call={call.call} queues={queues} />
          <h3>{words.call.history}</h3>
          {history.data ? (
            <Timeline events={history.data} actions={actions.data ?? []} queues={queues} />
          ) : history.isError ? (
            <Failed error={history.error} title={words.call.failed} retry={() => void history.refetch()} />
          ) : (
            <div className="skeleton">
              <span />
              <span />
            </div>
          )}
          {history.data && <Raw call={call.call} events={history.data} />}
        </>
      )}
    </aside>
  )
}

function Facts({
  call,
  events,
  queue,
}: {
  call: Call
  events: readonly CallEvent[] | undefined
  queue: Queue | undefined
}) {
  const now = useNow()
  const time = events && spent(events, call.status === 'ended' ? 0 : now)
  const rows: [string, number | undefined][] = [
    [words.call.waited, time?.waitedMs],
    [words.call.rang, time?.rangMs],
    [words.call.talked, time?.talkedMs],
    [words.call.held, time?.heldMs],
  ]
  const promise = promised(call, queue, now)
  const agent = useAgentName(call.agentId)
  const warning = useLive(({ warnings }) => warnings.get(call.id))
  return (
    <section className="facts" aria-label={words.call.title(call.id)}>
      <p className="facts-line">
        <PhaseBadge phase={phaseOf(call)} />
        {call.status !== 'ended' && <StateClock call={call} queue={queue} now={now} />}
        <PromiseClock promise={promise} />
      </p>
      {warning && promise?.urgency === 'soon' && (
        <p className="warned">
          <Icon name="warning" size={14} /> {warning.message}
        </p>
      )}
      <dl>
        <div>
          <dt>{words.calls.queue}</dt>
          <dd>{queue?.name ?? call.queueId}</dd>
        </div>
        <div>
          <dt>{words.calls.agent}</dt>
          <dd title={call.agentId}>{agent ?? words.none}</dd>
        </div>
        <div>
          <dt>{words.calls.columns.type}</dt>
          <dd>{words.type[call.type]}</dd>
        </div>
        {call.priority !== undefined && call.priority > 0 && (
          <div>
            <dt>{words.call.priority}</dt>
            <dd>{call.priority}</dd>
          </div>
        )}
        <div>
          <dt>{words.call.began}</dt>
          <dd>
            <Moment at={call.startTime} />
          </dd>
        </div>
        {call.endTime && (
          <div>
            <dt>{words.call.ended}</dt>
            <dd>
              <Moment at={call.endTime} />
            </dd>
          </div>
        )}
      </dl>
      <dl className="spent">
        {rows.map(([name, ms]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{ms === undefined ? words.none : clock(ms / 1000)}</dd>
          </div>
        ))}
      </dl>
      {call.flags.length > 0 && (
        <ul className="flags">
          {call.flags.map(({ rule, message }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a call may be flagged twice by one rule, and flags only grow
            <li key={index} className={`flag flag-${rule}`}>
              <Icon name="flag" size={12} /> <b>{words.rule(rule)}</b>: {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Raw({ call, events }: { call: Call; events: readonly CallEvent[] }) {
  const [isOpen, setOpen] = useState(false)
  const json = () => JSON.stringify({ call, events }, undefined, 2)
  return (
    <section className="raw">
      <p className="actions">
        <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? words.call.rawHide : words.call.raw}
        </button>
        <CopyButton text={json} label={`${words.copy} JSON`} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      {isOpen && <pre tabIndex={0}>{json()}</pre>}
    </section>
  )
}
