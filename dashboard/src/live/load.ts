/** What each queue carries right now, out of the picture. Pure. */
import type { Call } from '../api/client.ts'
import { phaseOf } from '../ui/phases.tsx'
import type { Picture } from './picture.ts'

export interface Load {
  waiting: number
  ringing: number
  active: number
  onHold: number
  /** When the caller who waits longest began to, in its queue's oldest call. */
  oldestWait: string | undefined
  /** Calls with a promise that is broken or will be: when each comes due. */
  dues: string[]
}

const none = (): Load => ({ waiting: 0, ringing: 0, active: 0, onHold: 0, oldestWait: undefined, dues: [] })

/** The load of each queue that has open calls, and of all together under ''. */
export function loads({ calls }: Picture): ReadonlyMap<string, Load> {
  const found = new Map<string, Load>([['', none()]])
  for (const call of calls.values()) {
    if (call.status === 'ended') continue
    let load = found.get(call.queueId)
    if (!load) {
      load = none()
      found.set(call.queueId, load)
    }
    add(load, call)
    const all = found.get('')
    if (all) add(all, call)
  }
  return found
}

function add(load: Load, call: Call) {
  const phase = phaseOf(call)
  if (phase === 'waiting') load.waiting += 1
  else if (phase === 'ringing') load.ringing += 1
  else if (phase === 'active') load.active += 1
  else load.onHold += 1
  if (call.status === 'waiting' && (!load.oldestWait || call.startTime < load.oldestWait))
    load.oldestWait = call.startTime
  const due = call.status === 'on_hold' ? call.holdDueAt : call.slaDueAt
  if (due) load.dues.push(due)
}

/** How many promises are broken now. */
export const overdue = (load: Load | undefined, now: number) => {
  if (!load) return 0
  const moment = new Date(now).toISOString()
  return load.dues.reduce((count, due) => (due < moment ? count + 1 : count), 0)
}
