// The stock client, with a memory: everything it hears is held to its description and kept.
import assert from 'node:assert/strict'
import { io } from 'socket.io-client'
import { fits } from './schemas.js'

/** @typedef {import('../../src/api/schema.d.ts').components['schemas']} Schemas */
/** @typedef {import('../../src/api/socket.ts').SwitchboardSocket} SwitchboardSocket */

/** The longest that anything here may take, on the slowest machine. */
const WAIT_MS_MAX = 20_000

export class Client {
  /** Every `call_status_update`, in order. @type {Schemas['CallStatusUpdate'][]} */ updates = []
  /** Every `alert_update`, in order. @type {Schemas['AlertUpdate'][]} */ alerts = []
  /** Every `agent_update`, in order. @type {Schemas['AgentUpdate'][]} */ agents = []
  /** Every `warning`, in order. @type {Schemas['Warning'][]} */ warnings = []
  /** Every `metrics_update`, in order. @type {Schemas['MetricsUpdate'][]} */ metrics = []
  /** Every `resync`, in order. @type {Schemas['Resync'][]} */ resyncs = []
  /** The last position heard, in whatever. @type {string | undefined} */ position
  /** Everything that came through the transport, as it came. @type {string[]} */ packets = []
  /** How often it has connected. */ connects = 0
  /** What it heard that does not fit. @type {unknown[]} */ wrong = []
  /** @type {(() => void)[]} */ #waiting = []

  /** @param {SwitchboardSocket} socket */
  constructor(socket) {
    this.socket = socket
    socket.on('connect', () => { this.connects += 1; this.#wake() })
    socket.on('disconnect', () => this.#wake())
    socket.on('call_status_update', (update) => this.#hear('CallStatusUpdate', update, this.updates))
    socket.on('alert_update', (alert) => this.#hear('AlertUpdate', alert, this.alerts))
    socket.on('agent_update', (agent) => this.#hear('AgentUpdate', agent, this.agents))
    socket.on('warning', (warning) => this.#hear('Warning', warning, this.warnings))
    socket.on('metrics_update', (update) => this.#hear('MetricsUpdate', update, this.metrics))
    socket.on('resync', (resync) => this.#hear('Resync', resync, this.resyncs))
    socket.io.on('open', () => {
      socket.io.engine.on('packet', ({ data }) => { if (data) this.packets.push(String(data)) })
    })
  }

  /**
   * @template {'CallStatusUpdate' | 'AlertUpdate' | 'AgentUpdate' | 'MetricsUpdate' | 'Warning' | 'Resync'} Name
   * @param {Name} name @param {Schemas[Name]} heard @param {Schemas[Name][]} kept
   */
  #hear(name, heard, kept) {
    try {
      kept.push(fits(name, heard))
      this.position = heard.position
    } catch (error) {
      this.wrong.push(error)
    }
    this.#wake()
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves once something is so, or fails saying what was heard instead. @param {() => unknown} isSo */
  async until(isSo) {
    const tooLate = Date.now() + WAIT_MS_MAX
    while (!isSo() && !this.wrong.length) {
      assert.ok(Date.now() < tooLate, `waited in vain for ${isSo}; ${this.updates.length} updates, the last: ${this.short.slice(-5)}`)
      await /** @type {Promise<void>} */ (new Promise((resolve) => {
        const timer = setTimeout(resolve, tooLate - Date.now())
        this.#waiting.push(() => { clearTimeout(timer); resolve() })
      }))
    }
    if (this.wrong.length) throw this.wrong[0]
  }

  /** Resolves once it has heard so many updates. @param {number} count */
  async heard(count) {
    await this.until(() => count <= this.updates.length)
    return this.updates
  }

  /** Resolves once it has heard of one event. @param {string} callId @param {number} seq */
  async heardOf(callId, seq) {
    await this.until(() => this.updates.some((it) => it.callId === callId && it.seq === seq))
  }

  /**
   * A command, and its answer, whatever it is.
   *
   * @param {string} command @param {unknown[]} args @returns {Promise<any>}
   */
  ask(command, ...args) {
    const emit = /** @type {(command: string, ...args: unknown[]) => Promise<unknown>} */ (
      (...all) => this.socket.timeout(10_000).emitWithAck(.../** @type {[any]} */ (/** @type {unknown} */ (all)))
    )
    return emit(command, ...args)
  }

  /** A command that has to be carried out. @param {string} command @param {unknown[]} args */
  async follow(command, ...args) {
    return fits('Subscribed', await this.ask(command, ...args))
  }

  /** Loses the connection as a network does: nobody says goodbye. It comes back by itself. */
  async lose() {
    const { connects } = this
    this.socket.io.engine.close()
    await this.until(() => connects < this.connects)
  }

  /** What it heard, in short. */
  get short() {
    return this.updates.map(({ callId, seq }) => `${callId} ${seq}`)
  }
}

/**
 * A client that has connected, and leaves when the test ends.
 *
 * @param {{ after: (end: () => void) => void }} test
 * @param {{ url: string }} server
 * @param {Partial<import('socket.io-client').ManagerOptions & import('socket.io-client').SocketOptions>} options
 */
export async function connect(test, server, options = {}) {
  const client = begin(test, server, options)
  await client.until(() => client.socket.connected)
  return client
}

/**
 * A client on its way.
 *
 * @param {{ after: (end: () => void) => void }} test
 * @param {{ url: string }} server
 * @param {Partial<import('socket.io-client').ManagerOptions & import('socket.io-client').SocketOptions>} options
 */
export function begin(test, server, options = {}) {
  /** @type {SwitchboardSocket} */
  const socket = io(server.url, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 200, ...options })
  const client = new Client(socket)
  test.after(() => {
    socket.disconnect()
    assert.deepEqual(client.wrong, [])
  })
  return client
}

/** The update that an event has to come with, except for what only an update has. @param {Schemas['CallEvent']} event */
export function asUpdate({ callId, type, timestamp, metadata, seq }) {
  return { callId, eventType: type, timestamp, ...(metadata && { metadata }), seq }
}

/** The part of an update that its event has too. @param {Schemas['CallStatusUpdate']} update */
export function asEvent({ callId, eventType, timestamp, metadata, seq }) {
  return { callId, eventType, timestamp, ...(metadata && { metadata }), seq }
}
