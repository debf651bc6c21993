/** One call as a row of the table. It renders again when the call does, or with the tick of its clocks. */
import { memo } from 'react'
import type { Call, Queue } from '../../api/client.ts'
import { useNow } from '../../live/ticker.ts'
import { useAgentName } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Moment } from '../../ui/parts.tsx'
import { PhaseBadge, phaseOf } from '../../ui/phases.tsx'
import { link } from '../../util/url.ts'
import { words } from '../../words.ts'
import { AgeClock, PromiseClock, StateClock } from './Clock.tsx'
import { promised } from './promise.ts'

interface Props {
  readonly call: Call
  readonly queue: Queue | undefined
  readonly to: string
  readonly index: number
  readonly isHere: boolean
  readonly isOpen: boolean
  /** The moment at which the picture was stopped, if it was: its clocks stand still. */
  readonly stoppedAt: number | undefined
}

export const CallRow = memo(function CallRow({ call, queue, to, index, isHere, isOpen, stoppedAt }: Props) {
  const tick = useNow()
  const now = stoppedAt ?? tick
  const promise = promised(call, queue, now)
  const phase = phaseOf(call)
  const agent = useAgentName(call.agentId)
  const name = queue?.name ?? call.queueId
  const className = `row row-${phase} row-${promise?.urgency ?? 'calm'}${isOpen ? ' row-open' : ''}`
  return (
    <tr className={className} aria-rowindex={index + 2} aria-current={isOpen || undefined} data-call={call.id}>
      <td className="c-status">
        <PhaseBadge phase={phase} />
      </td>
      <td className="c-clock">
        <StateClock call={call} queue={queue} now={now} />
      </td>
      <td className="c-promise">{call.endTime ? <Moment at={call.endTime} /> : <PromiseClock promise={promise} />}</td>
      <td className="c-queue" title={call.queueId}>
        {name}
      </td>
      <td className="c-agent" title={call.agentId}>
        {agent ?? <span className="faint">{words.none}</span>}
      </td>
      <td className="c-type">
        <Icon name={call.type} size={14} /> {words.type[call.type]}
      </td>
      <td className="c-age">
        <AgeClock call={call} now={now} />
      </td>
      <td className="c-flags" title={call.flags.map(({ message }) => message).join('; ')}>
        {[...new Set(call.flags.map(({ rule }) => rule))].map(rule => (
          <span key={rule} className={`flag flag-${rule}`}>
            <Icon name="flag" size={12} />
            {words.rule(rule)}
          </span>
        ))}
      </td>
      <th scope="row" className="c-id">
        <a {...link(to)} tabIndex={isHere ? 0 : -1} title={call.id}>
          {call.id}
        </a>
      </th>
    </tr>
  )
})
