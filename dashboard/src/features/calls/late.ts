/** Answers that came too late: no events of the call, but shown among them. Pure. */
import type { Action, CallEvent } from '../../api/client.ts'
import { words } from '../../words.ts'
import { number, text } from './history.ts'
import type { Names } from './sentences.ts'

/** What was refused, in a sentence: who answered which offer, and what stood instead. */
export function lateSentence({ detail }: Action, names: Names): string {
  const agent = text(detail?.['agentId'])
  const standing = number(detail?.['standingOffer'])
  const meanwhile =
    standing === undefined
      ? words.says.meanwhile[text(detail?.['status']) ?? 'waiting']
      : words.says.meanwhileOffer(standing)
  return words.says.late(
    agent === undefined ? words.says.somebody : names.agent(agent),
    number(detail?.['offer']),
    meanwhile,
  )
}

/** The late answers by the index of the event they came after, each in the order it came. */
export function lateAfter(
  events: readonly CallEvent[],
  late: readonly Action[],
): ReadonlyMap<number, readonly Action[]> {
  const after = new Map<number, Action[]>()
  const inOrder = late.filter(({ action }) => action === 'late_answer').toReversed()
  for (const each of inOrder) {
    const index = Math.max(
      0,
      events.findLastIndex(({ timestamp }) => timestamp <= each.at),
    )
    after.set(index, [...(after.get(index) ?? []), each])
  }
  return after
}
