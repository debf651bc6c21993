// A contact centre's minute, for pictures: callers come in, and agents answer what rings, or do not.

const QUEUES = ['medical_spanish', 'medical_english', 'legal_spanish', 'legal_english']
const AGENTS = ['Ana', 'Bruno', 'Carla', 'Diego', 'Elena', 'Farid', 'Gloria', 'Hector', 'Ines', 'Jorge', 'Karla', 'Luis', 'Marta', 'Nuria']

/** Chance that is the same each time. @param {number} seed */
function chance(seed) {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return state / 4294967296
  }
}

/** @param {number} ms */
const pass = ms => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Plays until it is over.
 *
 * @param {import('../e2e/harness/server.js').Server} server
 * @param {{ isOver: boolean }} until
 */
export async function play(server, until) {
  const next = chance(20261121)
  let number = 1
  for (const [index, name] of AGENTS.entries()) {
    await server.send('PUT', `/api/agents/${name.toLowerCase()}`, {
      name,
      queues: [QUEUES[index % 4], ...(index % 3 === 0 ? [QUEUES[(index + 1) % 4]] : [])],
      presence: index % 6 === 4 ? 'away' : 'available',
    })
  }
  await server.send('PUT', '/api/queues/medical_spanish', { slaSeconds: 20 })
  await server.send('POST', '/api/agents/farid/presence', { presence: 'away', reason: 'In a training until noon' })
  /** @param {any} event */
  const tell = event => server.ask('/api/events', { method: 'POST', key: 'a-key-for-tests', body: JSON.stringify(event) })
  /** @type {Map<string, number>} */
  const began = new Map()
  for (let second = 0; !until.isOver; second += 1) {
    for (let come = second < 3 ? 5 : next() < 0.5 ? 1 : 0; come > 0; come -= 1) {
      const id = `CA${Math.floor(next() * 2 ** 32).toString(16).padStart(8, '0')}-${String(number++).padStart(4, '0')}`
      const queueId = QUEUES[Math.floor(next() * 4)]
      await tell({ event: 'call_initiated', callId: id, type: next() < 0.3 ? 'video' : 'voice', queueId })
      began.set(id, second)
    }
    /** @type {import('../src/api/schema.d.ts').components['schemas']['Call'][]} */
    const calls = await server.get('/api/calls?limit=1000')
    for (const { id: callId, status, agentId, ringDueAt } of calls) {
      const luck = next()
      const lasted = second - (began.get(callId) ?? 0)
      if (ringDueAt && luck < 0.3) await tell({ event: 'call_answered', callId, agentId, waitTime: lasted })
      if (status === 'active' && luck < 0.03) await tell({ event: 'call_hold', callId, holdDuration: 5 })
      if (status === 'on_hold' && luck < 0.06) await tell({ event: 'call_resumed', callId })
      if (status === 'active' && 0.965 < luck) await tell({ event: 'call_ended', callId, endReason: 'completed', duration: lasted })
      if (status === 'waiting' && !ringDueAt && luck < 0.004) await tell({ event: 'call_ended', callId, endReason: 'abandoned', duration: lasted })
    }
    await pass(1_000)
  }
}
