/**
 * One stock client: what it hears of a queue, line by line, with the moment at which it heard it.
 *
 * The load generator reads Socket.IO by itself, and could be wrong in the same way as the server.
 * What is on the dashboard's side of the wire cannot: this is the client that everybody uses.
 *
 * The first line is "subscribed". Then one for each update, [callId, seq, at], and "resync" where
 * some were missed. A connection that is lost ends it: nothing is to be covered up by a second one.
 */
import { io } from 'socket.io-client'

const [url, queueId] = process.argv.slice(2)
const socket = io(url, { transports: ['websocket'], reconnection: false })

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

const end = (why) => {
  console.error(`witness: ${why}`)
  process.exit(1)
}

socket.on('call_status_update', ({ callId, seq }) => {
  // By the wall clock, which is everybody's, but finer than its milliseconds.
  const at = performance.timeOrigin + performance.now()
  say([callId, seq, at])
})
socket.on('resync', () => say('resync'))
socket.on('connect_error', ({ message }) => end(message))
socket.on('disconnect', end)

socket.on('connect', async () => {
  const { error } = await socket.timeout(10_000).emitWithAck('subscribe_calls', { queueId })
  if (error) end(error.message)
  say('subscribed')
})
