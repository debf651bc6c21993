// A client that was away gets exactly what it missed, or is told to fetch again.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asEvent, asUpdate, connect } from './harness/client.js'
import { serve } from './harness/server.js'

const within = { timeout: 60_000 }

/** Calls that begin, by number. @param {number} from @param {number} to @param {string} queueId */
const calls = (from, to, queueId = 'medical_spanish') =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    event: 'call_initiated', callId: `c${from + index}`, type: /** @type {const} */ ('voice'), queueId,
  }))

/** @param {number} to */
const allUpTo = (to) => Array.from({ length: to }, (_, index) => `c${index + 1} 1`)

for (const transport of ['websocket', 'polling']) {
  test(`what was missed follows, in order and once, over ${transport}`, within, async (t) => {
    const server = await serve(t)
    const client = await connect(t, server, { transports: [transport] })
    await client.follow('subscribe_calls', {})
    await server.tellAll(calls(1, 10))
    await client.heard(10)
    client.socket.disconnect()
    await server.tellAll(calls(11, 300))
    client.socket.connect()
    const { recovered } = await client.follow('subscribe_calls', { after: client.position })
    assert.equal(recovered, true)
    await server.tellAll(calls(301, 310))
    await client.heard(310)
    assert.deepEqual(client.short, allUpTo(310))
  })
}

test('connections that break while events pour in lose nothing and repeat nothing', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_calls', { queueId: 'medical_spanish' })
  const telling = (async () => {
    for (let from = 1; from <= 2_000; from += 20) {
      await server.tellAll([...calls(from, from + 19), ...calls(from + 10_000, from + 10_019, 'legal_english')])
    }
  })()
  for (let times = 1; times <= 8; times += 1) {
    const { length } = client.updates
    await client.heard(Math.min(length + 50, 2_000))
    await client.lose()
    const { recovered } = await client.follow('subscribe_calls', { queueId: 'medical_spanish', after: client.position })
    assert.equal(recovered, true)
  }
  await telling
  await client.heard(2_000)
  assert.deepEqual(client.short, allUpTo(2_000))
})

test('the position of the answer is as good as that of an update', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const { position } = await client.follow('subscribe_calls', {})
  client.socket.disconnect()
  await server.tellAll(calls(1, 5))
  client.socket.connect()
  assert.equal((await client.follow('subscribe_calls', { after: position })).recovered, true)
  await client.heard(5)
  assert.deepEqual(client.short, allUpTo(5))
})

test('a wider scope recovers what a narrower one did not have, and repeats nothing', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const { position } = await client.follow('subscribe_calls', { queueId: 'medical_spanish' })
  await server.tellAll([...calls(1, 3), ...calls(4, 6, 'legal_english')])
  await client.heard(3)
  assert.equal((await client.follow('subscribe_calls', { after: position })).recovered, true)
  await client.heard(6)
  await server.tellAll(calls(7, 7))
  await client.heard(7)
  assert.deepEqual([...client.short].sort(), allUpTo(7))
})

test('whoever was away for too long fetches again', within, async (t) => {
  const server = await serve(t, { RECENT_UPDATES_MAX: '100', BATCH_EVENTS_MAX: '32' })
  const client = await connect(t, server)
  await client.follow('subscribe_calls', {})
  await server.tellAll(calls(1, 1))
  await client.heard(1)
  client.socket.disconnect()
  await server.tellAll(calls(2, 200))
  client.socket.connect()
  assert.equal((await client.follow('subscribe_calls', { after: client.position })).recovered, false)
  await server.tellAll(calls(201, 201))
  await client.heard(2)
  assert.deepEqual(client.short, ['c1 1', 'c201 1'], 'all of it or nothing: never a part')
})

test('a server that was killed and started again tells everyone to fetch again', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_calls', {})
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  await client.heard(2)
  const last = client.position
  await server.stop('SIGKILL')
  await client.until(() => !client.socket.connected)
  await server.start()
  await client.until(() => client.socket.connected)
  assert.equal(client.connects, 2)
  assert.equal((await client.follow('subscribe_calls', { after: last })).recovered, false)
  const fetched = await server.history('c1')
  assert.deepEqual(fetched.map(asUpdate), client.updates.map(asEvent))
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 5 })
  await client.heard(3)
  assert.deepEqual(client.updates.map(asEvent), (await server.history('c1')).map(asUpdate))
})

test('a position keeps its meaning when other events come after it, and not in another life', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_calls', {})
  await server.tellAll(calls(1, 3))
  await client.heard(3)
  const [first] = client.updates
  await server.stop('SIGKILL')
  await server.start()
  await client.until(() => client.connects === 2)
  await server.tellAll(calls(4, 10))
  assert.equal((await client.follow('subscribe_calls', { after: first?.position })).recovered, false)
})

test('a client that reads too slowly is told to fetch again, and goes on from there', within, async (t) => {
  const server = await serve(t, { RECENT_UPDATES_MAX: '1000', BATCH_EVENTS_MAX: '64' })
  const client = await connect(t, server, { transports: ['polling'] })
  await client.follow('subscribe_calls', {})
  await server.tellAll(calls(1, 1))
  await client.heard(1)
  // Nothing is fetched for a while, as on a train.
  const transport = /** @type {{ _poll: () => void }} */ (/** @type {unknown} */ (client.socket.io.engine.transport))
  const poll = transport._poll
  let isHeld = false
  transport._poll = () => { isHeld = true }
  await server.tellAll(calls(2, 2))
  await client.heard(2)
  assert.ok(isHeld)
  await server.tellAll(calls(3, 8_000))
  transport._poll = poll
  transport._poll()
  await client.until(() => client.resyncs.length)
  assert.deepEqual(client.short, allUpTo(client.short.length), 'up to the gap there is none')
  assert.ok(client.short.length < 8_000)
  const { length } = client.updates
  await server.tellAll(calls(8_001, 8_002))
  await client.heard(length + 2)
  assert.deepEqual(client.short.slice(length), ['c8001 1', 'c8002 1'])
  assert.equal(client.resyncs.length, 1)
  assert.equal(client.connects, 1)
})
