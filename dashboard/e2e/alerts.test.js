// Supervisors hear of broken promises at once, and see who took note.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect } from './harness/client.js'
import { fits } from './harness/schemas.js'
import { serve } from './harness/server.js'

const within = { timeout: 30_000 }

test('a wait that is too long alerts, and whoever takes note is told to all', within, async (t) => {
  const server = await serve(t)
  await server.send('PUT', '/api/queues/medical_spanish', { slaSeconds: 0.2 })
  const client = await connect(t, server)
  const colleague = await connect(t, server, { transports: ['polling'] })
  for (const each of [client, colleague]) await each.follow('subscribe_alerts', {})
  await server.initiate('c1')
  for (const each of [client, colleague]) await each.until(() => each.alerts.length === 1)
  const { position, ...raised } = client.alerts[0] ?? assert.fail()
  assert.equal(typeof position, 'string')
  assert.equal(raised.callId, 'c1')
  assert.equal(raised.rule, 'sla_breached')
  assert.deepEqual(await server.get('/api/alerts'), [raised])

  const noted = fits('Alert', await server.send('POST', `/api/alerts/${encodeURIComponent(raised.id)}/acknowledge`, { by: 'Maria' }))
  assert.equal(noted.acknowledgedBy, 'Maria')
  for (const each of [client, colleague]) {
    await each.until(() => each.alerts.length === 2)
    assert.deepEqual({ ...each.alerts[1], position: undefined }, { ...noted, position: undefined })
    assert.deepEqual(each.updates, [], 'alerts are all that was asked for')
  }
})

test('an answer after the breach raises no second alert', within, async (t) => {
  const server = await serve(t)
  await server.send('PUT', '/api/queues/medical_spanish', { slaSeconds: 0.2 })
  const client = await connect(t, server)
  await client.follow('subscribe_alerts', {})
  await server.initiate('c1')
  await client.until(() => client.alerts.length === 1)
  const answered = await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 31 })
  assert.equal(JSON.stringify(answered.metadata).includes('wait_exceeded'), true)
  await server.tell({ event: 'call_hold', callId: 'c1', holdDuration: 61 })
  await client.until(() => client.alerts.length === 2)
  assert.deepEqual(client.alerts.map(({ rule }) => rule), ['sla_breached', 'hold_exceeded'])
})

test('alerts that were missed follow, in order, and once', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_alerts', {})
  const late = async (/** @type {string} */ callId) => {
    await server.initiate(callId)
    await server.tell({ event: 'call_answered', callId, waitTime: 31 })
  }
  await late('c1')
  await client.until(() => client.alerts.length === 1)
  client.socket.disconnect()
  await late('c2')
  await late('c3')
  client.socket.connect()
  const { recovered } = await client.follow('subscribe_alerts', { after: client.position })
  assert.equal(recovered, true)
  await late('c4')
  await client.until(() => client.alerts.length === 4)
  assert.deepEqual(client.alerts.map(({ callId }) => callId), ['c1', 'c2', 'c3', 'c4'])
})

test('whoever no longer follows alerts hears none', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_alerts', {})
  await client.ask('unsubscribe_alerts')
  await client.follow('subscribe_call', 'c1')
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 31 })
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'failed', duration: 60 })
  await client.heard(3)
  assert.deepEqual(client.alerts, [])
})
