/** Agents: who is idle, rung, talking, wrapping up or away, for how long, and why. */
import { useQuery } from '@tanstack/react-query'
import { type Agent, ask } from '../../api/client.ts'
import { serverNow } from '../../live/serverTime.ts'
import { useNow } from '../../live/ticker.ts'
import { Dialog, Moment } from '../../ui/parts.tsx'
import { clock } from '../../util/time.ts'
import { link } from '../../util/url.ts'
import { words } from '../../words.ts'
import { AgentHands } from './AgentHands.tsx'

/** What an agent is shown as: what they do, or where they do nothing what they said. */
export function shownAs({ state, presence }: Pick<Agent, 'state' | 'presence'>) {
  if (state === 'idle' || state === 'unreachable') return presence === 'available' ? state : presence
  return state
}

const ORDER = ['idle', 'offered', 'on_call', 'wrapping', 'unreachable', 'away', 'offline'] as const
const rank = (agent: Agent) => ORDER.indexOf(shownAs(agent))

interface Props {
  readonly agents: readonly Agent[]
  readonly choose: (id: string) => void
}

export function AgentList({ agents, choose }: Props) {
  useNow()
  if (agents.length === 0) return null
  const sorted = [...agents].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  return (
    <ul className="agents" aria-label={words.queues.agents}>
      {sorted.map(agent => (
        <li key={agent.id}>
          <span className={`agent-state agent-${shownAs(agent)}`}>{words.queues.agentStates[shownAs(agent)]}</span>
          <button type="button" className="agent-name quiet" onClick={() => choose(agent.id)}>
            {agent.name}
          </button>
          <span className="clock faint">{clock((serverNow() - Date.parse(agent.since)) / 1000)}</span>
          <span className="agent-why faint" title={agent.reason}>
            {agent.reason}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** One agent, why calls do or do not reach them, and their presence to set. */
export function AgentDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  return (
    <Dialog title={agent.name} onClose={onClose}>
      <div className="agent">
        <p>
          <b className={`agent-${shownAs(agent)}`}>{words.queues.agentStates[shownAs(agent)]}</b> {words.queues.since}{' '}
          <Moment at={agent.since} />
          {agent.callId && (
            <>
              {': '}
              <a {...link(`/calls/${encodeURIComponent(agent.callId)}`)}>{agent.callId}</a>
            </>
          )}
        </p>
        <p>{agent.reason}</p>
        {agent.presenceReason && <p className="faint">{agent.presenceReason}</p>}
        <AgentDay id={agent.id} />
        <AgentHands agent={agent} />
      </div>
    </Dialog>
  )
}

/** What an agent did today. It has its place before it is known: buttons below must not move under a pointer. */
function AgentDay({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['agent', id],
    queryFn: ({ signal }) => ask<Agent>(`/api/agents/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: 10_000,
  })
  const names = Object.keys(words.queues.agentFigures) as (keyof typeof words.queues.agentFigures)[]
  return (
    <section aria-label={words.queues.day}>
      <h3>{words.queues.day}</h3>
      <dl className="agent-day">
        {names.map(name => (
          <div key={name}>
            <dt>{words.queues.agentFigures[name]}</dt>
            <dd>{asText(name, data?.metrics?.[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function asText(name: string, value: number | undefined) {
  if (value === undefined) return words.none
  if (name === 'occupancy') return `${Math.round(value * 100)} %`
  return name.endsWith('Seconds') ? clock(value) : value.toLocaleString('en')
}
