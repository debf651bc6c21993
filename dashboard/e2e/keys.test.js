// Who may listen.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { begin, connect } from './harness/client.js'
import { KEY, serve } from './harness/server.js'

const within = { timeout: 30_000 }

test('where reading needs no key, a client that has one is as welcome', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server, { auth: { key: 'any' } })
  await client.follow('subscribe_calls', {})
})

test('where reading needs a key, only who has one may listen', within, async (t) => {
  const server = await serve(t, { READ_KEY: 'reader-1,reader-2' })
  for (const auth of [undefined, {}, { key: '' }, { key: 'reader' }, { key: 'reader-1,reader-2' }, { key: ['reader-1'] }, { token: 'reader-1' }]) {
    const client = begin(t, server, auth && { auth })
    const error = await new Promise((resolve) => { client.socket.on('connect_error', resolve) })
    assert.equal(error.message, 'Unauthorized', JSON.stringify(auth))
    assert.equal(client.socket.connected, false)
  }
  for (const key of ['reader-1', 'reader-2', KEY]) {
    const client = await connect(t, server, { auth: { key } })
    await client.follow('subscribe_call', `c-${key}`)
    await server.initiate(`c-${key}`)
    await client.heard(1)
  }
})

test('a reading key reads, and changes nothing', within, async (t) => {
  const server = await serve(t, { READ_KEY: 'reader' })
  for (const [key, status] of /** @type {const} */ ([[undefined, 401], ['wrong', 401], ['reader', 200], [KEY, 200]])) {
    const answer = await server.ask('/api/calls', key ? { key } : {})
    assert.equal(answer.status, status, key)
  }
  const body = JSON.stringify({ event: 'call_initiated', callId: 'c1', type: 'voice', queueId: 'medical_spanish' })
  const refused = await server.ask('/api/events', { method: 'POST', key: 'reader', body })
  assert.equal(refused.status, 403)
  assert.equal((await refused.json()).code, 'forbidden')
})

test('a client whose key is revoked is cut off, and told why when it comes back', within, async (t) => {
  const server = await serve(t, { READ_KEY: 'reader' })
  const key = await server.keys('make', 'maria', '--role', 'supervise')
  while ((await server.ask('/api/me', { key })).status !== 200) await setTimeout(20)
  const client = await connect(t, server, { auth: { key } })
  const other = await connect(t, server, { auth: { key: 'reader' } })
  const lost = new Promise((resolve) => { client.socket.on('disconnect', resolve) })
  const refused = new Promise((resolve) => { client.socket.on('connect_error', resolve) })
  await server.keys('revoke', 'maria')
  await lost
  assert.equal((await refused).message, 'Unauthorized')
  assert.equal(other.socket.connected, true)
})

test('a client that connects again brings its key again', within, async (t) => {
  const server = await serve(t, { READ_KEY: 'reader' })
  const client = await connect(t, server, { auth: { key: 'reader' } })
  await client.lose()
  await client.follow('subscribe_call', 'c1')
  await server.initiate('c1')
  await client.heard(1)
})
