// A contact centre's minute, for pictures: callers who come in, wait, ring, talk, hold and leave.

const QUEUES = ['medical_spanish', 'medical_english', 'legal_spanish', 'legal_english']
const AGENTS = ['ana', 'bruno', 'carla', 'diego', 'elena', 'farid', 'gloria', 'hector', 'ines', 'jorge', 'karla', 'luis', 'marta', 'nuria']

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
 * Plays so many seconds, and leaves the server as they leave it.
 *
 * @param {import('../e2e/harness/server.js').Server} server
 * @param {number} seconds
 */
export async function play(server, seconds) {
  const next = chance(20261121)
  /** @template T @param {readonly T[]} of */
  const one = of => /** @type {T} */ (of[Math.floor(next() * of.length)])
  let number = 1
  const free = new Set(AGENTS)
  /** @type {{ id: string, agent?: string, doing: string, age: number }[]} */
  let calls = []
  /** @param {any} event */
  const tell = event => server.ask('/api/events', { method: 'POST', key: 'a-key-for-tests', body: JSON.stringify(event) })
  const begin = async () => {
    const id = `CA${Math.floor(next() * 2 ** 32).toString(16).padStart(8, '0')}-${String(number++).padStart(4, '0')}`
    await tell({ event: 'call_initiated', callId: id, type: next() < 0.3 ? 'video' : 'voice', queueId: one(QUEUES) })
    calls.push({ id, doing: 'waiting', age: 0 })
  }
  for (let second = 0; second < seconds; second += 1) {
    for (let come = next() < 0.5 ? 1 : second < 4 ? 6 : 0; come > 0; come -= 1) await begin()
    for (const call of calls) {
      call.age += 1
      const luck = next()
      if (call.doing === 'waiting' && luck < 0.2 && free.size && call.age > 2) {
        const agent = one([...free])
        free.delete(agent)
        Object.assign(call, { agent, doing: 'ringing', age: 0 })
        await tell({ event: 'call_routed', callId: call.id, agentId: agent, routingTime: 0.4 })
      } else if (call.doing === 'ringing' && luck < 0.2 && call.age > 2) {
        Object.assign(call, { doing: 'active', age: 0 })
        await tell({ event: 'call_answered', callId: call.id, agentId: call.agent, waitTime: Math.round(luck * 60) })
      } else if (call.doing === 'ringing' && call.age > 16 && call.agent) {
        free.add(call.agent)
        Object.assign(call, { doing: 'waiting', age: 0 })
      } else if (call.doing === 'active' && luck < 0.05) {
        Object.assign(call, { doing: 'on_hold', age: 0 })
        await tell({ event: 'call_hold', callId: call.id, holdDuration: 5 })
      } else if (call.doing === 'on_hold' && luck < 0.02) {
        Object.assign(call, { doing: 'active', age: 0 })
        await tell({ event: 'call_resumed', callId: call.id })
      } else if (call.doing === 'active' && luck > 0.97) {
        Object.assign(call, { doing: 'ended' })
        if (call.agent) free.add(call.agent)
        await tell({ event: 'call_ended', callId: call.id, endReason: 'completed', duration: 4 + Math.round(luck * 300 * next()) })
      }
    }
    calls = calls.filter(({ doing }) => doing !== 'ended')
    await pass(1_000)
  }
  return calls
}
