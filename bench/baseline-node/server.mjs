/**
 * The usual Node service for call events, honestly tuned: what Switchboard is measured against.
 *
 * Express, zod, one PostgreSQL transaction per event (lock the call, ask the rule, insert the event,
 * update the call), and a Redis publish after the commit. What it leaves out, and Switchboard does:
 * receipts, timers, hashes, and telling anyone again when Redis was away.
 */
import cluster from 'node:cluster'
import { randomUUID, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import express from 'express'
import { Redis } from 'ioredis'
import pg from 'pg'
import { z } from 'zod'

const CHANNEL = 'call-status-updates'
const QUEUES = ['medical_spanish', 'medical_english', 'legal_spanish', 'legal_english']

const required = (name) => {
  const value = process.env[name]
  if (value) return value
  console.error(`Missing required environment variable: ${name}`)
  process.exit(1)
}

const settings = {
  databaseUrl: required('DATABASE_URL'),
  redisUrl: required('REDIS_URL'),
  apiKey: Buffer.from(required('API_KEY')),
  port: Number(process.env.PORT ?? 3001),
  workers: Number(process.env.WORKERS ?? 2),
  poolSize: Number(process.env.POOL_SIZE ?? 16),
}

const id = z.string().min(1).max(255)
const seconds = z.number().min(0)
const payload = z.discriminatedUnion('event', [
  z.object({ event: z.literal('call_initiated'), callId: id, type: z.enum(['voice', 'video']), queueId: z.enum(QUEUES) }),
  z.object({ event: z.literal('call_routed'), callId: id, agentId: id, routingTime: seconds }),
  z.object({ event: z.literal('call_answered'), callId: id, waitTime: seconds }),
  z.object({ event: z.literal('call_hold'), callId: id, holdDuration: seconds }),
  z.object({ event: z.literal('call_ended'), callId: id, endReason: z.enum(['completed', 'abandoned', 'failed']), duration: seconds }),
])

/** From which statuses an event may come, and to which it leads. */
const moves = {
  call_routed: { from: ['waiting'], to: 'waiting' },
  call_answered: { from: ['waiting', 'on_hold'], to: 'active' },
  call_hold: { from: ['active'], to: 'on_hold' },
  call_ended: { from: ['waiting', 'active', 'on_hold'], to: 'ended' },
}

/** The flag an event earns by its own numbers; every bound is strict. */
const flagOf = (body) => {
  if (body.event === 'call_answered' && body.waitTime > 30) return { rule: 'wait_exceeded', message: 'Waited longer than 30 s' }
  if (body.event === 'call_hold' && body.holdDuration > 60) return { rule: 'hold_exceeded', message: 'Held longer than 60 s' }
  if (body.event === 'call_ended' && body.duration < 10) return { rule: 'short_call', message: 'Shorter than 10 s' }
  return undefined
}

class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

// Named, so that PostgreSQL parses and plans each of them once per connection.
const statement = (name, text) => (values) => ({ name, text, values })
const lockCall = statement('lock_call', 'select status from calls where id = $1 for update')
const insertCall = statement(
  'insert_call',
  `insert into calls (id, type, status, queue_id, start_time) values ($1, $2, 'waiting', $3, $4) on conflict (id) do nothing`,
)
const updateCall = statement('update_call', 'update calls set status = $2, end_time = $3 where id = $1')
const insertEvent = statement(
  'insert_event',
  'insert into call_events (id, call_id, type, timestamp, metadata) values ($1, $2, $3, $4, $5)',
)

/** Moves the call and answers its new status, or throws why it may not. */
const moveCall = async (client, body, at) => {
  if (body.event === 'call_initiated') {
    const { rowCount } = await client.query(insertCall([body.callId, body.type, body.queueId, at]))
    if (rowCount === 0) throw new Refusal(409, `Call ${body.callId} exists already`)
    return 'waiting'
  }
  const { rows } = await client.query(lockCall([body.callId]))
  if (rows.length === 0) throw new Refusal(404, `Call ${body.callId} does not exist`)
  const move = moves[body.event]
  if (!move.from.includes(rows[0].status)) throw new Refusal(409, `A call that is ${rows[0].status} cannot take ${body.event}`)
  const endTime = move.to === 'ended' ? at : null
  if (move.to !== rows[0].status) await client.query(updateCall([body.callId, move.to, endTime]))
  return move.to
}

/** One event, one transaction. */
const record = async (pool, body) => {
  const { event: type, callId, ...metadata } = body
  const flag = flagOf(body)
  if (flag) metadata.flags = [flag]
  const client = await pool.connect()
  try {
    await client.query('begin')
    const at = new Date()
    const status = await moveCall(client, body, at)
    const event = { id: randomUUID(), callId, type, timestamp: at.toISOString(), metadata }
    await client.query(insertEvent([event.id, callId, type, at, metadata]))
    await client.query('commit')
    return { event, status }
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const authorised = (given) => {
  const key = Buffer.from(given ?? '')
  return key.length === settings.apiKey.length && timingSafeEqual(key, settings.apiKey)
}

const router = (pool, redis) => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.get('/health', (_request, response) => response.json({ status: 'ok' }))
  app.use('/api/events', (request, response, next) =>
    authorised(request.get('x-api-key')) ? next() : response.status(401).json({ message: 'Unauthorized' }),
  )
  app.use(express.json({ limit: '1mb' }))
  app.post('/api/events', async (request, response) => {
    const parsed = payload.safeParse(request.body)
    if (!parsed.success) {
      return response.status(400).json({ message: 'Invalid event payload', issues: parsed.error.issues })
    }
    const { event, status } = await record(pool, parsed.data)
    const { callId, type: eventType, timestamp, metadata } = event
    await redis.publish(CHANNEL, JSON.stringify({ callId, status, eventType, timestamp, metadata }))
    response.status(201).json(event)
  })
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).json({ message: error.status ? error.message : 'Internal server error' })
  })
  return app
}

const migrate = async () => {
  const client = new pg.Client({ connectionString: settings.databaseUrl })
  await client.connect()
  await client.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'))
  await client.end()
}

const serve = () => {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize, idleTimeoutMillis: 0 })
  const redis = new Redis(settings.redisUrl, { enableAutoPipelining: true })
  const server = router(pool, redis).listen(settings.port, '127.0.0.1', () => process.send?.('listening'))
  server.keepAliveTimeout = 60_000
  process.on('SIGTERM', () => process.exit(0))
}

const lead = async () => {
  await migrate()
  let listening = 0
  cluster.on('message', () => {
    listening += 1
    if (listening === settings.workers) console.log(`baseline-node is listening on http://127.0.0.1:${settings.port}`)
  })
  for (let started = 0; started < settings.workers; started += 1) cluster.fork()
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill()
    process.exit(0)
  })
}

if (cluster.isPrimary) await lead()
else serve()
