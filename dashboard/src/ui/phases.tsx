/** What a call is doing, finer than its status, and how that looks. */
import type { Call } from '../api/client.ts'
import { words } from '../words.ts'
import { Icon, type IconName } from './Icon.tsx'

export const PHASES = ['waiting', 'ringing', 'active', 'on_hold', 'ended'] as const
export type Phase = (typeof PHASES)[number]

/** A waiting call whose agent's phone rings is ringing. */
export const phaseOf = (call: Call): Phase => (call.status === 'waiting' && call.ringDueAt ? 'ringing' : call.status)

const ICON: Record<Phase, IconName> = {
  waiting: 'waiting',
  ringing: 'ringing',
  active: 'active',
  on_hold: 'on_hold',
  ended: 'ended',
}

/** What a call is doing, in one word. A new phase does not compile until it has a look. */
export const PhaseBadge = ({ phase }: { phase: Phase }) => (
  <span className={`phase phase-${phase}`}>
    <Icon name={ICON[phase]} size={14} />
    {words.phase[phase]}
  </span>
)
