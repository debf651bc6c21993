// The whole story, as the README tells it: seen live, and found again in the history.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asEvent, asUpdate, connect } from './harness/client.js'
import { serve } from './harness/server.js'

test('a call is routed, answered, held too long, breached and ended, live and in the history', { timeout: 30_000 }, async (t) => {
  const server = await serve(t)
  // The promises of a fast-forward world: the clock is real, so they are short.
  await server.send('PUT', '/api/queues/medical_spanish', { slaSeconds: 2, ringSeconds: 0.2, maxHoldSeconds: 0.2 })
  const supervisor = await connect(t, server)
  await supervisor.follow('subscribe_calls', { queueId: 'medical_spanish' })
  await supervisor.follow('subscribe_alerts', {})
  const interpreter = await connect(t, server, { transports: ['polling'] })
  await interpreter.follow('subscribe_call', 'c1')
  const happens = async (/** @type {string} */ type) => {
    await interpreter.until(() => interpreter.updates.some(({ eventType }) => eventType === type))
    return interpreter.updates.at(-1) ?? assert.fail()
  }

  await server.initiate('c1')
  await server.tell({ event: 'call_routed', callId: 'c1', agentId: 'ana', routingTime: 0.1 })
  const rangOut = await happens('call_retransfer')
  assert.equal(rangOut.metadata?.['agentId'], 'ana')
  assert.equal(rangOut.status, 'waiting')
  const breached = await happens('sla_breached')
  assert.equal(typeof breached.metadata?.['lateMs'], 'number')
  await server.send('PUT', '/api/queues/medical_spanish', { ringSeconds: 15 })
  await server.tell({ event: 'call_routed', callId: 'c1', agentId: 'ben', routingTime: 0.2 })
  const answered = await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 31.5 })
  assert.match(JSON.stringify(answered.metadata), /wait_exceeded/)
  await server.tell({ event: 'call_hold', callId: 'c1', holdDuration: 0.1 })
  const tooLong = await happens('hold_exceeded')
  assert.equal(tooLong.status, 'on_hold')
  await server.tell({ event: 'call_resumed', callId: 'c1' })
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 180 })
  await happens('survey_requested')

  const history = await server.history('c1')
  assert.deepEqual(history.map(({ type }) => type), [
    'call_initiated', 'call_routed', 'call_retransfer', 'sla_breached', 'call_routed', 'call_answered',
    'call_hold', 'hold_exceeded', 'call_resumed', 'call_ended', 'survey_requested',
  ])
  assert.deepEqual(history.map(({ seq }) => seq), history.map((_, index) => index + 1))
  await supervisor.heard(history.length)
  for (const client of [supervisor, interpreter]) assert.deepEqual(client.updates.map(asEvent), history.map(asUpdate))
  assert.deepEqual(supervisor.alerts.map(({ rule }) => rule), ['sla_breached', 'hold_exceeded'])
  assert.deepEqual(interpreter.alerts, [])

  const call = await server.get('/api/calls/c1')
  assert.equal(call.status, 'ended')
  assert.equal(call.agentId, 'ben')
  assert.deepEqual(call.flags.map((/** @type {{ rule: string }} */ { rule }) => rule), ['sla_breached', 'wait_exceeded', 'hold_exceeded'])
  assert.deepEqual(supervisor.updates.at(-1)?.call, call)
})
