/** An event as a sentence, with the reason of what the system did by itself. */
import type { CallEvent } from '../../api/client.ts'
import { clock } from '../../util/time.ts'
import { words } from '../../words.ts'
import { number, text } from './history.ts'

const { says } = words

/** `4 s`, `2.5 s`, and from a minute on `2:05`. */
const seconds = (value: number) => (value < 60 ? `${Number(value.toFixed(1))} s` : clock(value))

/** What things are called for people, by their ids. */
export interface Names {
  readonly queue: (id: string) => string
  readonly agent: (id: string) => string
}

/** What happened, in a sentence; `before` is the id of the agent who was in the call just before. */
export function sentence({ type, metadata = {} }: CallEvent, before: string | undefined, names: Names): string {
  const named = nameOf(text(metadata['agentId']), names)
  const agent = nameOf(before, names)
  const queue = text(metadata['queueId'])
  switch (type) {
    case 'call_initiated':
      return says.initiated(
        (words.type[metadata['type'] === 'video' ? 'video' : 'voice'] ?? '').toLowerCase(),
        names.queue(queue ?? ''),
      )
    case 'call_routed': {
      const offer = number(metadata['offer']) ?? 1
      return offer > 1 ? says.routedAgain(named ?? says.someone, offer) : says.routed(named ?? says.someone)
    }
    case 'call_answered': {
      const waited = number(metadata['waitTime'])
      const answered = says.answered(named ?? agent)
      return waited === undefined ? answered : `${answered}, ${says.answeredAfter(seconds(waited))}`
    }
    case 'call_hold': {
      const held = number(metadata['holdDuration'])
      return held ? `${says.hold} ${says.holdFor(seconds(held))}` : says.hold
    }
    case 'call_resumed':
      return says.resumed
    case 'call_transferred':
      if (metadata['kind'] === 'attended')
        return named ? says.attendedAgent(named) : says.attendedQueue(names.queue(queue ?? ''))
      return named ? says.blindAgent(named) : says.blindQueue(names.queue(queue ?? ''))
    case 'call_ended': {
      const ended = says.ended[text(metadata['endReason']) ?? 'completed'] ?? words.phase.ended
      const lasted = number(metadata['duration'])
      return lasted === undefined ? ended : `${ended}, ${says.endedAfter(seconds(lasted))}`
    }
    case 'call_retransfer':
      // Nobody missed it: somebody took it back.
      if (text(metadata['by'])) return says.withdrawn(named ?? says.someone)
      return says.retransfer(named ?? says.someone, number(metadata['attempt']) ?? 1)
    case 'sla_breached':
      return says.slaBreached
    case 'hold_exceeded':
      return says.holdExceeded
    case 'survey_requested':
      return says.survey
    default:
      return words.spaced(type)
  }
}

const nameOf = (id: string | undefined, names: Names) => (id === undefined ? undefined : names.agent(id))
