/** What an action says, those that came after this page too. */
import { expect, test } from 'vitest'
import { words } from '../../words.ts'
import { detailOf, kindOf } from './action.ts'

test('an action that came after this page is shown by its plain name, and links to nothing', () => {
  expect(kindOf('late_answer')).toBeUndefined()
  expect(words.audit.action('late_answer')).toBe('Late answer')
})

test('the name of an action says what it is done to', () => {
  const kinds = ['call_ended', 'agent_freed', 'presence_set', 'queue_changed', 'alert_acknowledged', 'key_made']
  expect(kinds.map(kindOf)).toEqual(['call', 'agent', 'agent', 'queue', 'alert', 'key'])
})

const plain = { queue: (id: string) => id, agent: (id: string) => id }

test('whatever a detail has in it can be read', () => {
  expect(detailOf(undefined, plain)).toEqual([])
  const detail = {
    queues: ['a', 'b'],
    slaSeconds: 20,
    reason: 'shown elsewhere',
    none: null,
    more: { x: 1, y: [2] },
    no: [],
  }
  expect(detailOf(detail, plain)).toEqual([
    ['queues', 'a, b'],
    ['slaSeconds', '20'],
    ['more', 'x 1, y 2'],
    ['no', '–'],
  ])
})

test('queues and agents go by their names, wherever they stand', () => {
  const names = { queue: (id: string) => `Queue ${id}`, agent: (id: string) => `Agent ${id}` }
  const detail = { queues: ['a', 'b'], priorities: { a: 3 }, queueId: 'c', agentId: 'd', name: 'a', callId: 'e' }
  expect(detailOf(detail, names)).toEqual([
    ['queues', 'Queue a, Queue b'],
    ['priorities', 'Queue a 3'],
    ['queueId', 'Queue c'],
    ['agentId', 'Agent d'],
    ['name', 'a'],
    ['callId', 'e'],
  ])
})
