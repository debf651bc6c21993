// Agents are offered calls, everyone who follows sees it, and is warned before a promise is broken.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect } from './harness/client.js'
import { serve } from './harness/server.js'

const within = { timeout: 30_000 }
const QUEUE = 'medical_spanish'

test('an agent who becomes available is offered the call, and all of it is seen live', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await client.follow('subscribe_agents', {})
  await client.follow('subscribe_calls', {})
  await server.initiate('c1')
  await server.send('PUT', '/api/agents/ana', { name: 'Ana', queues: [QUEUE], presence: 'available' })
  await client.until(() => client.agents.some(({ state, callId }) => state === 'offered' && callId === 'c1'))
  await client.heard(2)
  assert.deepEqual(client.updates.map(({ eventType }) => eventType), ['call_initiated', 'call_routed'])
  assert.equal(client.updates[1]?.call.offer, 1)
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1, agentId: 'ana', offer: 1 })
  await client.until(() => client.agents.at(-1)?.state === 'on_call')
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 60 })
  await client.until(() => client.agents.at(-1)?.state === 'idle')
  // What they did today is left out of updates.
  const { metrics, ...ana } = await server.get('/api/agents/ana')
  assert.equal(metrics.answered, 1)
  assert.deepEqual({ ...client.agents.at(-1), position: undefined }, { ...ana, position: undefined })
})

test('whoever follows a call is warned before its promise is broken; nothing is recorded', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const stranger = await connect(t, server)
  await server.send('PUT', `/api/queues/${QUEUE}`, { slaSeconds: 1.2, maxHoldSeconds: 1.2 })
  await server.send('PUT', '/api/agents/ana', { queues: [QUEUE], presence: 'away', reason: 'lunch' })
  await client.follow('subscribe_call', 'c1')
  await stranger.follow('subscribe_call', 'c2')
  await stranger.follow('subscribe_alerts', {})
  await server.initiate('c1')
  await client.until(() => client.warnings.length === 1)
  assert.equal(client.warnings[0]?.promise, 'sla')
  assert.match(client.warnings[0]?.message ?? '', /^1 s left to answer; its only agent is away$/)
  assert.deepEqual((await server.history('c1')).length, 1)
  assert.deepEqual([stranger.alerts, stranger.warnings], [[], []])
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1, agentId: 'ana' })
  await server.tell({ event: 'call_hold', callId: 'c1', holdDuration: 1 })
  await client.until(() => client.warnings.length === 2)
  assert.equal(client.warnings[1]?.promise, 'hold')
  assert.equal(client.warnings[1]?.dueAt, (await server.get('/api/calls/c1')).holdDueAt)
})

test('a call that was given up is warned of as one, and beside it nobody is promised it', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  await server.send('PUT', `/api/queues/${QUEUE}`, { slaSeconds: 2.4, ringSeconds: 0.9, maxReroutes: 0 })
  await server.send('PUT', '/api/agents/ana', { queues: [QUEUE], presence: 'available' })
  await client.follow('subscribe_call', 'c1')
  await client.follow('subscribe_alerts', {})
  await server.initiate('c1')
  await client.until(() => client.warnings.length === 2)
  const { reason } = await server.get('/api/agents/ana')
  const later = 'only an agent who becomes free later is asked, unless a supervisor reassigns the call'
  assert.deepEqual(client.warnings.map(({ message }) => message), [
    `1 s left for ana to answer; then ${later}: 1 offer will have gone unanswered`,
    `1 s left to answer; 1 offer went unanswered; ${later}; its only agent is idle`,
  ])
  assert.match(client.alerts[0]?.message ?? '', /^1 offer went unanswered; only an agent who becomes free from now on is asked, unless /)
  assert.match(reason, /^Calls are offered: .* one whose offers went unanswered too often while they were idle comes only if /)
})
