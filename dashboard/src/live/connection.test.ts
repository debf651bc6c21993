/** What the screen says of itself, second by second. */
import { expect, test } from 'vitest'
import { after, begin, type Connection, type Happening, trust } from './connection.ts'

type Story = readonly (readonly [second: number, what: Happening['what'] | ''])[]

/** Plays a story, and says what the screen would say after each line. */
function told(story: Story) {
  let connection: Connection = begin(0)
  return story.map(([second, what]) => {
    if (what) connection = after(connection, { what }, second * 1_000)
    return trust(connection, second * 1_000)
  })
}

test('it is live only once everything was fetched', () => {
  expect(
    told([
      [0, ''],
      [1, 'connected'],
      [2, 'heard'],
      [2, 'whole'],
      [3, 'heard'],
    ]),
  ).toEqual(['connecting', 'connecting', 'connecting', 'live', 'live']) // prettier-ignore
})

test('a lost connection is reconnecting, then stale, then offline, then live again once it is whole', () => {
  expect(
    told([
      [0, 'connected'],
      [0, 'whole'],
      [5, 'lost'],
      [6, ''],
      [19, ''],
      [21, ''],
      [64, ''],
      [66, ''],
      [70, 'connected'],
      [71, 'whole'],
    ]),
  ).toEqual([
    'connecting',
    'live',
    'reconnecting',
    'reconnecting',
    'reconnecting',
    'stale',
    'stale',
    'offline',
    'stale',
    'live',
  ])
})

test('a gap makes it reconnecting until it is whole', () => {
  expect(
    told([
      [0, 'connected'],
      [0, 'whole'],
      [10, 'gap'],
      [11, 'heard'],
      [12, 'whole'],
    ]),
  ).toEqual(['connecting', 'live', 'reconnecting', 'reconnecting', 'live']) // prettier-ignore
})

test('a connection that is only thought to be there goes stale by itself', () => {
  expect(
    told([
      [0, 'connected'],
      [0, 'whole'],
      [25, 'heard'],
      [56, ''],
      [58, ''],
    ]),
  ).toEqual(['connecting', 'live', 'live', 'live', 'stale']) // prettier-ignore
})

test('without a network it is offline at once', () => {
  expect(
    told([
      [0, 'connected'],
      [0, 'whole'],
      [5, 'no network'],
      [5, 'lost'],
      [9, 'network'],
      [9, ''],
    ]),
  ).toEqual(['connecting', 'live', 'live', 'offline', 'reconnecting', 'reconnecting']) // prettier-ignore
})

test('where a key is wanted nothing else is said', () => {
  expect(
    told([
      [0, 'locked'],
      [9, ''],
      [10, 'unlocked'],
      [11, 'connected'],
      [11, 'whole'],
    ]),
  ).toEqual(['locked', 'locked', 'connecting', 'connecting', 'live']) // prettier-ignore
})

test('a server that was never there is not said to be connecting for ever', () => {
  expect(
    told([
      [0, ''],
      [14, ''],
      [16, ''],
    ]),
  ).toEqual(['connecting', 'connecting', 'offline'])
})
