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

test('whatever a detail has in it can be read', () => {
  expect(detailOf(undefined)).toEqual([])
  const detail = { queues: ['a', 'b'], slaSeconds: 20, reason: 'shown elsewhere', none: null, more: { x: 1 }, no: [] }
  expect(detailOf(detail)).toEqual([
    ['queues', 'a, b'],
    ['slaSeconds', '20'],
    ['more', '{"x":1}'],
    ['no', '–'],
  ])
})
