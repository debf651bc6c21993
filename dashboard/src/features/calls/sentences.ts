/** An event as a sentence, with the reason of what the system did by itself. */
import type { CallEvent } from '../../api/client.ts'
import { clock } from '../../util/time.ts'
import { words } from '../../words.ts'
import { number, text } from './history.ts'

const { says } = words

/** `4 s`, `2.5 s`, and from a minute on `2:05`. */
const seconds = (value: number) => (value < 60 ? `${Number(value.toFixed(1))} s` : clock(value))

/** What happened, in a sentence; `agent` is who was in the call just before. */
export function sentence(
  { type, metadata = {} }: CallEvent,
  agent: string | undefined,
  queueName: (id: string) => string,
): string {
  const named = text(metadata['agentId'])
  const queue = text(metadata['queueId'])
  switch (type) {
    case 'call_initiated':
      return says.initiated(
        (words.type[metadata['type'] === 'video' ? 'video' : 'voice'] ?? '').toLowerCase(),
        queueName(queue ?? ''),
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
        return named ? says.attendedAgent(named) : says.attendedQueue(queueName(queue ?? ''))
      return named ? says.blindAgent(named) : says.blindQueue(queueName(queue ?? ''))
    case 'call_ended': {
      const ended = says.ended[text(metadata['endReason']) ?? 'completed'] ?? words.phase.ended
      const lasted = number(metadata['duration'])
      return lasted === undefined ? ended : `${ended}, ${says.endedAfter(seconds(lasted))}`
    }
    case 'call_retransfer':
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
