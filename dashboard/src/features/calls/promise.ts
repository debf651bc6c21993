/**
 * What was promised to a caller and how near it is: pure, with the time as an argument.
 *
 * A clock turns amber when a third of the promised time is left, and red when none is.
 */
import type { Agent, Call, Queue } from '../../api/client.ts'
import { phaseOf } from '../../ui/phases.tsx'

export type Urgency = 'calm' | 'soon' | 'over'

export interface Promised {
  readonly kind: 'waiting' | 'ringing' | 'on_hold'
  /** Milliseconds until it comes due; negative once it is broken. */
  readonly leftMs: number
  /** The whole promised time, where the queue says it. */
  readonly wholeMs: number | undefined
  readonly urgency: Urgency
}

type Promises = Pick<Queue, 'slaSeconds' | 'ringSeconds' | 'maxHoldSeconds'>

/** As good as any other guess where a queue is not known: its part does not matter for the order. */
const SOON_MS = 10_000

/** The promise that counts now: of a ringing call the answer is still what was promised to the caller. */
export function promised(call: Call, queue: Promises | undefined, now: number): Promised | undefined {
  const made = promiseOf(call)
  if (!made) return undefined
  const leftMs = Date.parse(made.dueAt) - now
  const whole =
    queue && { waiting: queue.slaSeconds, ringing: queue.ringSeconds, on_hold: queue.maxHoldSeconds }[made.kind]
  const wholeMs = whole === undefined ? undefined : whole * 1000
  const urgency = leftMs < 0 ? 'over' : leftMs < (wholeMs === undefined ? SOON_MS : wholeMs / 3) ? 'soon' : 'calm'
  return { kind: made.kind, leftMs, wholeMs, urgency }
}

/** When the next promise of a call comes due, as text that sorts. */
export const dueAt = (call: Call) => promiseOf(call)?.dueAt

function promiseOf(call: Call) {
  const { status, slaDueAt, ringDueAt, holdDueAt } = call
  if (status === 'on_hold' && holdDueAt) return { kind: 'on_hold', dueAt: holdDueAt } as const
  if (status !== 'waiting' || !slaDueAt) return undefined
  // A phone that rings beyond the promised answer does not make it less broken.
  if (ringDueAt && ringDueAt < slaDueAt) return { kind: 'ringing', dueAt: ringDueAt } as const
  return { kind: 'waiting', dueAt: slaDueAt } as const
}

/** Since when the call is in its phase, where that follows from its promises, or from its agent while they talk. */
export function since(call: Call, queue: Promises | undefined, agent?: Agent): number | undefined {
  if (call.status === 'active' && agent?.callId === call.id && agent.state === 'on_call') return Date.parse(agent.since)
  if (!queue) return undefined
  const phase = phaseOf(call)
  if (phase === 'ringing' && call.ringDueAt) return Date.parse(call.ringDueAt) - queue.ringSeconds * 1000
  if (phase === 'waiting' && call.slaDueAt) return Date.parse(call.slaDueAt) - queue.slaSeconds * 1000
  if (phase === 'on_hold' && call.holdDueAt) return Date.parse(call.holdDueAt) - queue.maxHoldSeconds * 1000
  return undefined
}
