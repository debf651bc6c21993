/** Clocks of a call: how long it has been what it is, and how near its promise. */
import type { Call, Queue } from '../../api/client.ts'
import { useLive } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { phaseOf } from '../../ui/phases.tsx'
import { clock } from '../../util/time.ts'
import { words } from '../../words.ts'
import { type Promised, since } from './promise.ts'

/** How long the call has been in its phase; nothing where that is not known here. */
export function StateClock({ call, queue, now }: { call: Call; queue: Queue | undefined; now: number }) {
  const agent = useLive(({ agents }) => (call.agentId === undefined ? undefined : agents.get(call.agentId)))
  const from = since(call, queue, agent)
  if (phaseOf(call) === 'ended' || from === undefined) return <span className="faint">{words.none}</span>
  return <span className="clock">{clock((now - from) / 1000)}</span>
}

/** Since the call began; of one that ended, how long it lasted. */
export const AgeClock = ({ call, now }: { call: Call; now: number }) => (
  <span className="clock">
    {clock(((call.endTime ? Date.parse(call.endTime) : now) - Date.parse(call.startTime)) / 1000)}
  </span>
)

/** What is promised: a bar that runs out, and in words. Colour, icon and words say the same. */
export function PromiseClock({ promise }: { promise: Promised | undefined }) {
  if (!promise) return null
  const { kind, leftMs, wholeMs, urgency } = promise
  const says =
    0 <= leftMs
      ? words.calls.promise[kind](clock(leftMs / 1000 + 0.999))
      : kind === 'ringing'
        ? words.calls.promise.moves
        : words.calls.promise.over(clock(-leftMs / 1000))
  return (
    <span className={`promise promise-${urgency}`}>
      {wholeMs !== undefined && (
        <meter
          className="left"
          min={0}
          max={wholeMs}
          value={leftMs < 0 ? wholeMs : Math.min(wholeMs, leftMs)}
          aria-hidden="true"
        />
      )}
      {urgency !== 'calm' && <Icon name={urgency === 'over' ? 'critical' : 'warning'} size={14} />}
      <span className="clock">{says}</span>
    </span>
  )
}
