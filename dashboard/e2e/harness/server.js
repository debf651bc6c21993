// A real server of its own for a test: the executable, on a free port, with data that goes with the test.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fits } from './schemas.js'

/** @typedef {import('../../src/api/schema.d.ts').components['schemas']} Schemas */

const EXECUTABLE = process.env['SWITCHBOARD_BIN'] ?? fileURLToPath(new URL('../../../target/debug/switchboard', import.meta.url))

export const KEY = 'a-key-for-tests'

export class Server {
  /** @type {import('node:child_process').ChildProcess | undefined} */ #process
  #port = '0'
  #log = ''
  url = ''

  /**
   * @param {string} data
   * @param {Record<string, string>} settings
   */
  constructor(data, settings) {
    this.data = data
    this.settings = settings
  }

  /** Starts unless it runs, and after the first time on the same port. Resolves when it listens. */
  async start() {
    if (this.#process && this.#process.exitCode === null && this.#process.signalCode === null) return
    // A planted bug is handed on: each has to be found.
    const { PATH, SWITCHBOARD_PLANT } = process.env
    const child = spawn(EXECUTABLE, ['serve', '--data', this.data], {
      env: {
        ...(PATH && { PATH }), ...(SWITCHBOARD_PLANT && { SWITCHBOARD_PLANT }),
        API_KEY: KEY, LOG_LEVEL: 'warn', PORT: this.#port, ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    child.stderr.on('data', (text) => { this.#log += text })
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the server ended by itself (${code ?? signal}): ${this.#log}`)
    })
    const listens = new Promise((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        const [, url] = /listens on (http:\S+)/.exec(line) ?? []
        if (url) resolve(url)
      })
    })
    this.url = await Promise.race([listens, ended])
    ended.catch(() => {})
    this.#port = new URL(this.url).port
  }

  /** Ends it, as rudely as asked. @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** Runs `switchboard keys` on the server's data, and returns what it prints. @param {string[]} words */
  async keys(...words) {
    const { stdout } = await promisify(execFile)(EXECUTABLE, ['keys', ...words, '--data', this.data])
    return stdout.trim()
  }

  /**
   * @param {string} path
   * @param {RequestInit & { key?: string }} options
   */
  async ask(path, { key, ...options } = {}) {
    const headers = { 'content-type': 'application/json', ...(key && { 'x-api-key': key }) }
    return fetch(this.url + path, { headers, ...options })
  }

  /** What is at a path. @param {string} path @returns {Promise<any>} */
  async get(path) {
    const answer = await this.ask(path, { key: KEY })
    const text = await answer.text()
    assert.equal(answer.status, 200, text)
    return JSON.parse(text)
  }

  /** Changes something. @param {string} method @param {string} path @param {unknown} body @returns {Promise<any>} */
  async send(method, path, body) {
    const answer = await this.ask(path, { key: KEY, method, body: JSON.stringify(body) })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }

  /** Records an event. @param {Schemas['Incoming']} event @returns {Promise<Schemas['CallEvent']>} */
  async tell(event) {
    return fits('CallEvent', await this.send('POST', '/api/events', event))
  }

  /** Records many events at once; each has to be accepted. @param {Schemas['Incoming'][]} events */
  async tellAll(events) {
    for (let from = 0; from < events.length; from += 1000) {
      const answers = await this.send('POST', '/api/events/batch', events.slice(from, from + 1000))
      for (const answer of answers) assert.equal(fits('BatchAnswer', answer).status, 201, JSON.stringify(answer))
    }
  }

  /** A call begins. @param {string} callId @param {string} queueId */
  initiate(callId, queueId = 'medical_spanish') {
    return this.tell({ event: 'call_initiated', callId, type: 'voice', queueId })
  }

  /** The history of a call. @param {string} callId @returns {Promise<Schemas['CallEvent'][]>} */
  async history(callId) {
    const events = await this.get(`/api/calls/${encodeURIComponent(callId)}/events`)
    return events.map((/** @type {unknown} */ event) => fits('CallEvent', event))
  }
}

/**
 * A server that is stopped, and forgotten, when the test ends.
 *
 * @param {{ after: (end: () => Promise<void>) => void }} test
 * @param {Record<string, string>} settings
 */
export async function serve(test, settings = {}) {
  const data = await mkdtemp(join(tmpdir(), 'switchboard-'))
  const server = new Server(data, settings)
  test.after(async () => {
    await server.stop('SIGKILL')
    await rm(data, { recursive: true, force: true })
  })
  await server.start()
  return server
}
