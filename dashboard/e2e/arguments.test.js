// What a client may not say is refused with a reason, follows nothing, and does no harm.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect } from './harness/client.js'
import { serve } from './harness/server.js'

const within = { timeout: 30_000 }

const long = 'x'.repeat(256)
/** @type {[string, unknown[][]][]} */
const bad = [
  ...['subscribe_call', 'unsubscribe_call'].map((command) => /** @type {[string, unknown[][]]} */ ([command, [
    [], [null], [undefined], [''], [7], [0], [true], [{}], [['c1']], [{ callId: 'c1' }], [long], ['c\n1'], ['c\u00001'],
    ['c\u007f1'], ['c1', 'c2'], ['c1', null], [Buffer.from('c1')], [{ toString: 'c1' }],
  ]])),
  ...['subscribe_calls', 'unsubscribe_calls'].map((command) => /** @type {[string, unknown[][]]} */ ([command, [
    [null], [7], ['medical_spanish'], [['medical_spanish']], [{ queueId: null }], [{ queueId: 7 }], [{ queueId: '' }],
    [{ queueId: long }], [{ queueId: ['medical_spanish'] }], [{ queueId: {} }], [{ queueId: 'a\nb' }], [{}, {}], [Buffer.from('{}')],
  ]])),
  ['subscribe_calls', [[{ after: 7 }], [{ after: {} }], [{ after: ['x'] }], [{ after: true }]]],
  ['subscribe_alerts', [[null], [7], ['x'], [[]], [{ after: 7 }], [{}, {}]]],
  ['subscribe', [['c1'], []]],
  ['join', [['calls']]],
  ['call_status_update', [[{ callId: 'c1' }]]],
  ['__proto__', [[]]],
]

test('what is not exactly right is refused with a reason, and the connection goes on', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  for (const [command, all] of bad) {
    for (const args of all) {
      const answer = await client.ask(command, ...args)
      const told = `${command} ${JSON.stringify(args)}: ${JSON.stringify(answer)}`
      assert.equal(typeof answer.error?.code, 'string', told)
      assert.equal(typeof answer.error?.message, 'string', told)
      assert.equal(answer.position, undefined, told)
    }
  }
  assert.equal(client.connects, 1, 'it was cut off in between')
  await server.initiate('c1')
  await client.follow('subscribe_call', 'fence')
  await server.initiate('fence')
  await client.heardOf('fence', 1)
  assert.deepEqual(client.short, ['fence 1'])
})

test('what nobody waits to be answered is refused as well', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  const emit = /** @type {(command: string, ...args: unknown[]) => void} */ (
    (...all) => client.socket.emit(.../** @type {[any]} */ (/** @type {unknown} */ (all)))
  )
  for (const [command, all] of bad) for (const args of all) emit(command, ...args)
  await client.follow('subscribe_call', 'fence')
  await server.initiate('c1')
  await server.initiate('fence')
  await client.heardOf('fence', 1)
  assert.deepEqual(client.short, ['fence 1'])
  assert.equal(client.connects, 1)
})

test('a position that is not one of ours is no error: it is not recovered', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server)
  for (const after of ['', 'x', '.', '0.0', '-1', '1.-1', 'x'.repeat(10_000), '../../etc', '9'.repeat(40)]) {
    assert.equal((await client.follow('subscribe_calls', { after })).recovered, false, after)
    assert.equal((await client.follow('subscribe_alerts', { after })).recovered, false, after)
  }
  await server.initiate('c1')
  await client.heard(1)
})

test('a client may not follow more than its share', within, async (t) => {
  const server = await serve(t, { SUBSCRIPTIONS_MAX: '10' })
  const client = await connect(t, server)
  for (let call = 0; call < 10; call += 1) await client.follow('subscribe_call', `c${call}`)
  assert.equal((await client.ask('subscribe_call', 'one more')).error.code, 'too_many_subscriptions')
  await client.follow('subscribe_call', 'c9')
  await client.ask('unsubscribe_call', 'c0')
  await client.follow('subscribe_call', 'one more')
})

test('whoever sends too much at once is cut off, and nobody else is', within, async (t) => {
  const server = await serve(t)
  const client = await connect(t, server, { reconnection: false, transports: ['websocket'] })
  const witness = await connect(t, server)
  client.socket.emit('subscribe_call', 'x'.repeat(2 << 20))
  await client.until(() => !client.socket.connected)
  await witness.follow('subscribe_call', 'c1')
  await server.initiate('c1')
  await witness.heard(1)
  assert.equal(witness.connects, 1)
})
