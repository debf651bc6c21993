// Whatever the network allows, the stock client hears the same.
import assert from 'node:assert/strict'
import test from 'node:test'
import { begin, connect } from './harness/client.js'
import { serve } from './harness/server.js'

const within = { timeout: 30_000 }

for (const transport of ['websocket', 'polling']) {
  test(`over ${transport} alone, a call is followed from beginning to end`, within, async (t) => {
    const server = await serve(t)
    const client = await connect(t, server, { transports: [transport] })
    assert.equal(client.socket.io.engine.transport.name, transport)
    const { recovered } = await client.follow('subscribe_call', 'c1')
    assert.equal(recovered, false)
    await server.initiate('c1')
    await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 2 })
    await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 60 })
    const updates = await client.heard(4)
    const types = updates.map(({ eventType, status }) => `${eventType} ${status}`)
    assert.deepEqual(types, ['call_initiated waiting', 'call_answered active', 'call_ended ended', 'survey_requested ended'])
  })
}

test('a client that begins with polling upgrades, and misses nothing on the way', within, async (t) => {
  const server = await serve(t)
  const client = begin(t, server)
  const upgraded = new Promise((resolve) => { client.socket.io.engine.on('upgrade', resolve) })
  // Said before there is a connection: the client sends it when there is one.
  const following = client.follow('subscribe_calls', {})
  await client.until(() => client.socket.connected)
  await following
  let told = 0
  let isUpgraded = false
  upgraded.then(() => { isUpgraded = true })
  while (!isUpgraded || told < 50) {
    told += 1
    await server.initiate(`c${told}`)
  }
  assert.equal(client.socket.io.engine.transport.name, 'websocket')
  await server.initiate('the last one')
  await client.heardOf('the last one', 1)
  const expected = Array.from({ length: told }, (_, index) => `c${index + 1} 1`)
  assert.deepEqual(client.short, [...expected, 'the last one 1'])
})

test('a client that cannot poll is told so at once', within, async (t) => {
  const server = await serve(t)
  const answer = await server.ask('/socket.io/?EIO=4&transport=polling&sid=nobody')
  assert.equal(answer.status, 400)
})

test('there is no other namespace', within, async (t) => {
  const server = await serve(t)
  const client = begin(t, { url: `${server.url}/admin` })
  const error = await new Promise((resolve) => { client.socket.on('connect_error', resolve) })
  assert.equal(error.message, 'Invalid namespace')
})
