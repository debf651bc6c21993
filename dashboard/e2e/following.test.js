// Who hears what: each update once, to whoever asked for it, and nothing else to anybody.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asEvent, asUpdate, connect } from './harness/client.js'
import { serve } from './harness/server.js'

const within = { timeout: 60_000 }

/** A whole call, from its beginning to its end. @param {string} callId @param {string} queueId */
const wholeCall = (callId, queueId) => [
  { event: 'call_initiated', callId, type: /** @type {const} */ ('video'), queueId },
  { event: 'call_routed', callId, agentId: 'ana', routingTime: 0.5 },
  { event: 'call_answered', callId, waitTime: 31 },
  { event: 'call_hold', callId, holdDuration: 61 },
  { event: 'call_resumed', callId },
  { event: 'call_ended', callId, endReason: /** @type {const} */ ('completed'), duration: 9 },
]

test('the updates of a call are its history, one to one', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_call', 'c1')
  for (const event of wholeCall('c1', 'medical_spanish')) await server.tell(event)
  const updates = await client.heard(6)
  assert.deepEqual(updates.map(asEvent), (await server.history('c1')).map(asUpdate))
  const { call } = updates[5] ?? {}
  assert.deepEqual(call, await server.get('/api/calls/c1'))
})

test('an update comes once to a client that is in three scopes', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_call', 'c1')
  await client.follow('subscribe_calls', { queueId: 'medical_spanish' })
  await client.follow('subscribe_calls', {})
  await client.follow('subscribe_call', 'c1')
  await server.tellAll(wholeCall('c1', 'medical_spanish'))
  await server.initiate('the last one')
  await client.heardOf('the last one', 1)
  assert.deepEqual(client.short, ['c1 1', 'c1 2', 'c1 3', 'c1 4', 'c1 5', 'c1 6', 'the last one 1'])
})

test('nothing of another call or queue reaches a client, not even in its packets', within, async (t) => {
  const server = await serve(t)
  const ofCall = await connect(t, server)
  const ofQueue = await connect(t, server)
  const ofNothing = await connect(t, server)
  await ofCall.follow('subscribe_call', 'mine')
  await ofQueue.follow('subscribe_calls', { queueId: 'legal_english' })
  for (const [index, queueId] of ['medical_spanish', 'medical_english', 'legal_spanish'].entries()) {
    await server.tellAll(wholeCall(`secret-${index}`, queueId))
  }
  await server.tellAll(wholeCall('mine', 'legal_english'))
  await ofCall.heard(6)
  await ofQueue.heard(6)
  await ofNothing.follow('subscribe_call', 'fence')
  await server.initiate('fence')
  await ofNothing.heard(1)
  for (const client of [ofCall, ofQueue, ofNothing]) {
    assert.deepEqual(client.packets.filter((packet) => packet.includes('secret')), [])
  }
  assert.deepEqual(ofNothing.packets.filter((packet) => packet.includes('mine')), [])
  assert.ok(ofCall.packets.some((packet) => packet.includes('mine')), 'packets are not seen at all')
})

test('a call whose id begins or ends like another is another', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const ids = ['c', 'c1', 'c12', 'C1', ' c1', 'c1 ', 'c1*', '*', 'call:c1', '__proto__', 'constructor', 'é', 'e\u0301', '📞']
  for (const id of ids.filter((_, index) => index % 2)) await client.follow('subscribe_call', id)
  for (const id of ids) await server.initiate(id)
  await client.follow('subscribe_call', 'the last one')
  await server.initiate('the last one')
  await client.heardOf('the last one', 1)
  const heard = client.updates.map(({ callId }) => callId)
  assert.deepEqual(heard, [...ids.filter((_, index) => index % 2), 'the last one'])
})

test('a call that changes queues is told to both, and then to the new one alone', within, async (t) => {
  const server = await serve(t)
  const before = await connect(t, server)
  const after = await connect(t, server)
  await before.follow('subscribe_calls', { queueId: 'medical_spanish' })
  await after.follow('subscribe_calls', { queueId: 'medical_english' })
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  await server.tell({ event: 'call_transferred', callId: 'c1', queueId: 'medical_english', kind: 'blind' })
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  await server.initiate('the last one')
  await before.heardOf('the last one', 1)
  await after.heardOf('c1', 4)
  assert.deepEqual(before.short, ['c1 1', 'c1 2', 'c1 3', 'the last one 1'])
  assert.deepEqual(after.short, ['c1 3', 'c1 4'])
  assert.equal(after.updates[0]?.leftQueueId, 'medical_spanish')
  assert.equal(after.updates[1]?.leftQueueId, undefined)
})

test('whoever unsubscribes hears nothing from then on', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  /** @type {[string, unknown[], string, unknown[]][]} */
  const scopes = [
    ['subscribe_call', ['c1'], 'unsubscribe_call', ['c1']],
    ['subscribe_calls', [{}], 'unsubscribe_calls', []],
    ['subscribe_calls', [{ queueId: 'medical_spanish' }], 'unsubscribe_calls', [{ queueId: 'medical_spanish' }]],
    ['subscribe_calls', [{ queueId: 'medical_spanish' }], 'unsubscribe_calls', []],
  ]
  await client.follow('subscribe_call', 'c1')
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  // An update may come after its event was answered, and with it after a new subscription.
  await client.heardOf('c1', 2)
  await client.ask('unsubscribe_call', 'c1')
  for (const [index, [follow, args, unfollow, unargs]] of scopes.entries()) {
    const { length } = client.updates
    await client.follow(follow, ...args)
    const { seq } = await server.tell({ event: 'call_hold', callId: 'c1', holdDuration: 1 })
    await client.heardOf('c1', seq)
    await client.ask(unfollow, ...unargs)
    await server.tell({ event: 'call_resumed', callId: 'c1' })
    const fence = `fence-${index}`
    await client.follow('subscribe_call', fence)
    await server.initiate(fence, 'legal_english')
    await client.heardOf(fence, 1)
    assert.deepEqual(client.short.slice(length), [`c1 ${seq}`, `${fence} 1`], `${follow} ${JSON.stringify(args)}`)
  }
})

test('however often a client changes its mind, its last word holds, and nothing comes twice', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  let isTelling = true
  const telling = (async () => {
    for (let hold = true; isTelling; hold = !hold) {
      await server.tell(hold ? { event: 'call_hold', callId: 'c1', holdDuration: 1 } : { event: 'call_resumed', callId: 'c1' })
    }
  })()
  for (let times = 0; times < 500; times += 1) {
    client.socket.emit('subscribe_call', 'c1')
    client.socket.emit('unsubscribe_call', 'c1')
    if (times % 50 === 0) await client.ask('unsubscribe_call', 'c1')
  }
  await client.ask('unsubscribe_call', 'c1')
  isTelling = false
  await telling
  const silent = client.updates.length
  const seqs = client.updates.map(({ seq }) => seq)
  assert.deepEqual(seqs, [...new Set(seqs)].sort((one, other) => one - other), 'in order, and none twice')

  client.socket.emit('subscribe_call', 'c1')
  await client.follow('subscribe_call', 'fence')
  const { seq } = await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'failed', duration: 60 })
  await server.initiate('fence')
  await client.heardOf('fence', 1)
  assert.deepEqual(client.short.slice(silent), [`c1 ${seq}`, 'fence 1'])
})

test('a hundred clients hear the same, each in the same order', within, async (t) => {
  const server = await serve(t)
  const clients = await Promise.all(Array.from({ length: 100 }, () => connect(t, server, { transports: ['websocket'] })))
  await Promise.all(clients.map((client) => client.follow('subscribe_calls', { queueId: 'legal_english' })))
  const calls = Array.from({ length: 50 }, (_, index) => wholeCall(`c${index}`, index % 2 ? 'legal_english' : 'legal_spanish'))
  await server.tellAll(calls.flat())
  await Promise.all(clients.map((client) => client.heard(150)))
  const [first] = clients
  for (const client of clients) assert.deepEqual(client.short, first?.short)
  assert.equal(new Set(first?.short).size, 150)
})
