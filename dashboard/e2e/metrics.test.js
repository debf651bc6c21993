// Figures are told to whoever follows them, as they change, and are those that are answered.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect } from './harness/client.js'
import { fits } from './harness/schemas.js'
import { serve } from './harness/server.js'

const within = { timeout: 30_000 }

test('figures are told as they change, of one queue or of all', within, async (t) => {
  const server = await serve(t)
  const all = await connect(t, server)
  const one = await connect(t, server, { transports: ['polling'] })
  await all.follow('subscribe_metrics', {})
  await one.follow('subscribe_metrics', { queueId: 'legal_spanish' })
  await server.initiate('c1')
  await all.until(() => all.metrics.at(-1)?.total.today.offered === 1)
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 3, agentId: 'ana' })
  await all.until(() => all.metrics.at(-1)?.total.now.active === 1)

  await server.initiate('c2', 'legal_spanish')
  await one.until(() => one.metrics.at(-1)?.total.now.waiting === 1)
  assert.ok(one.metrics.every(({ queues }) => queues.map((it) => it.queueId).join() === 'legal_spanish'))
  assert.equal(one.metrics.at(-1)?.total.today.offered, 1)
  await all.until(() => all.metrics.at(-1)?.total.today.offered === 2)

  const answered = fits('QueuesMetrics', await server.get('/api/metrics/queues'))
  const told = all.metrics.at(-1) ?? assert.fail()
  assert.deepEqual(told.queues.map(still), answered.queues.map(({ intervals, ...queue }) => still(queue)))
  assert.deepEqual(all.updates, [], 'figures are all that was asked for')
})

test('figures that do not change are told once, and whoever leaves hears no more', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const witness = await connect(t, server)
  await server.initiate('c1')
  for (const each of [client, witness]) await each.follow('subscribe_metrics', {})
  await client.until(() => client.metrics.length === 1)
  await client.follow('unsubscribe_metrics')
  await server.initiate('c2')
  await witness.until(() => witness.metrics.at(-1)?.total.today.offered === 2)
  assert.equal(client.metrics.length, 1)
  assert.ok(witness.metrics.length <= 2, 'each state is told once')
})

test('what cannot be asked for is refused in a sentence', within, async (t) => {
  const server = await serve(t)
  for (const [path, status, code] of /** @type {[string, number, string][]} */ ([
    ['?formula=sl_best', 400, 'invalid_query'],
    ['?queueId=nowhere', 404, 'queue_not_found'],
    ['?formula=sl_both&formula=sl_both', 400, 'invalid_query'],
  ])) {
    const answer = await server.ask(`/api/metrics/queues${path}`)
    const problem = fits('Problem', await answer.json())
    assert.deepEqual([answer.status, problem.code], [status, code], path)
  }
  const { formula, formulas } = fits('QueuesMetrics', await server.get('/api/metrics/queues?formula=sl_both'))
  assert.equal(formula, 'sl_both')
  assert.match(formulas['serviceLevel']?.formula ?? '', /abandoned within targetSeconds/)
  assert.deepEqual(fits('AgentsMetrics', await server.get('/api/metrics/agents')).agents, [])
})

/** Without what changes with every moment. @param {{ now: { longestWaitSeconds?: number } }} figures */
function still(figures) {
  const { longestWaitSeconds, ...now } = figures.now
  return { ...figures, now }
}
