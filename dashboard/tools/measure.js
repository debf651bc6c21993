// `npm run measure`: the page under load, in headless Chromium. 5,000 open calls, 200 updates a second;
// main-thread tasks of more than 50 ms, the time from an event to its pixels, and memory.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { Server } from '../e2e/harness/server.js'

const OPEN = Number(process.env['OPEN_CALLS'] ?? 5_000)
const PER_SECOND = Number(process.env['UPDATES_PER_SECOND'] ?? 200)
const SECONDS = Number(process.env['SECONDS'] ?? 60)
const QUEUES = ['medical_spanish', 'medical_english', 'legal_spanish', 'legal_english']
const BATCHES_PER_SECOND = 20

/** @param {number} ms */
const pass = ms => new Promise(resolve => setTimeout(resolve, ms))
/** @param {string} text */
const say = text => process.stdout.write(`${text}\n`)
/** @param {number[]} values @param {number} part */
const at = (values, part) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))] ?? Number.NaN

const data = await mkdtemp(join(tmpdir(), 'switchboard-measure-'))
const server = new Server(data, {})
await server.start()
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--enable-precise-memory-info'] })
try {
  // Promises far away: what is measured is updates, not a storm of five thousand alerts.
  for (const id of QUEUES) await server.send('PUT', `/api/queues/${id}`, { slaSeconds: 3_600, maxHoldSeconds: 3_600 })
  /** @type {{ id: string, isHeld: boolean }[]} */
  const calls = []
  let number = 0
  const begun = (/** @type {number} */ many) =>
    Array.from({ length: many }, () => {
      const id = `CA${String(number++).padStart(6, '0')}`
      calls.push({ id, isHeld: false })
      return { event: 'call_initiated', callId: id, type: /** @type {const} */ ('voice'), queueId: QUEUES[number % 4] ?? '' }
    })
  await server.tellAll(begun(OPEN))
  await server.tellAll(calls.map(({ id }) => ({ event: 'call_answered', callId: id, waitTime: 3 })))

  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const devtools = await page.context().newCDPSession(page)
  await page.addInitScript(() => {
    Object.assign(globalThis, { tasks: [] })
    new PerformanceObserver(list => {
      // @ts-expect-error kept where the script reads it
      for (const { startTime, duration } of list.getEntries()) globalThis.tasks.push({ startTime, duration })
    }).observe({ type: 'longtask', buffered: true })
  })
  await page.goto(server.url)
  await page.locator('[data-trust="live"]').waitFor()
  await page.locator('tr[data-call]').first().waitFor()
  const loading = await page.evaluate(() => /** @type {any} */ (globalThis).tasks.map((/** @type {any} */ it) => it.duration))
  await pass(3_000)
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    return page.evaluate(() => /** @type {any} */ (performance).memory.usedJSHeapSize / 2 ** 20)
  }
  const heapBefore = await heap()
  await page.evaluate(() => { /** @type {any} */ (globalThis).tasks.length = 0 })

  // A row that is in sight and changes each second is watched: from the server's own time to its pixels.
  const watched = 'watched'
  await server.tell({ event: 'call_initiated', callId: watched, type: 'voice', queueId: QUEUES[0] ?? '' })
  await server.tell({ event: 'call_answered', callId: watched, waitTime: 1 })
  await page.goto(`${server.url}/?sort=-id`)
  await page.locator('[data-trust="live"]').waitFor()
  await page.locator(`tr[data-call="${watched}"]`).waitFor()
  await pass(2_000)
  await page.evaluate(() => {
    const all = /** @type {any} */ (globalThis)
    all.tasks.length = 0
    all.painted = []
    const row = () => document.querySelector('tr[data-call="watched"] .phase')?.textContent
    let before = row()
    const look = () => {
      const now = row()
      if (now !== before) all.painted.push(Date.now())
      before = now
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })

  if (process.env['PROFILE']) {
    await devtools.send('Profiler.enable')
    await devtools.send('Profiler.start')
  }
  /** @type {number[]} */ const recorded = []
  const began = performance.now()
  let sent = 0
  let beat = 0
  let isHeld = false
  /** @type {string[]} */ const eachMinute = []
  while (performance.now() - began < SECONDS * 1_000) {
    await pass(Math.max(0, began + (beat * 1_000) / BATCHES_PER_SECOND - performance.now()))
    const many = PER_SECOND / BATCHES_PER_SECOND
    const events = []
    for (let index = 0; index < many; index += 1) {
      const call = calls[(sent * 7919) % calls.length]
      sent += 1
      if (!call) continue
      call.isHeld = !call.isHeld
      events.push(call.isHeld ? { event: 'call_hold', callId: call.id, holdDuration: 1 } : { event: 'call_resumed', callId: call.id })
    }
    await server.tellAll(events)
    beat += 1
    if (SECONDS > 120 && beat % (60 * BATCHES_PER_SECOND) === 0) eachMinute.push((await heap()).toFixed(1))
    if (beat % 7 === 0) {
      isHeld = !isHeld
      const told = await server.tell(isHeld ? { event: 'call_hold', callId: watched, holdDuration: 1 } : { event: 'call_resumed', callId: watched })
      recorded.push(Date.parse(told.timestamp))
    }
  }
  const took = (performance.now() - began) / 1_000
  if (process.env['PROFILE']) {
    const { profile } = await devtools.send('Profiler.stop')
    await writeFile(process.env['PROFILE'], JSON.stringify(profile))
  }
  await pass(1_000)
  const { tasks, painted } = await page.evaluate(() => {
    const all = /** @type {any} */ (globalThis)
    return { tasks: /** @type {{ duration: number }[]} */ (all.tasks), painted: /** @type {number[]} */ (all.painted) }
  })
  // What was recorded is seen in the first picture after it.
  const delays = recorded.flatMap(moment => painted.find(seen => moment <= seen) ?? []).map((seen, index) => seen - (recorded[index] ?? 0))
  say(`${OPEN} open calls, ${Math.round(sent / took)} updates/s for ${Math.round(took)} s`)
  say(`loading: ${loading.length} tasks over 50 ms${loading.length ? `, the longest ${Math.round(Math.max(...loading))} ms` : ''}`)
  say(`under load: ${tasks.length} tasks over 50 ms${tasks.length ? `, the longest ${Math.round(Math.max(...tasks.map(it => it.duration)))} ms` : ''}`)
  say(`event to pixel: p50 ${Math.round(at(delays, 0.5))} ms, p99 ${Math.round(at(delays, 0.99))} ms (${delays.length} measured, ${painted.length} seen)`)
  if (eachMinute.length) say(`memory each minute, in MB: ${eachMinute.join(' ')}`)
  say(`memory after garbage is collected: ${heapBefore.toFixed(1)} MB before, ${(await heap()).toFixed(1)} MB after`)
} finally {
  await browser.close()
  await server.stop('SIGKILL')
  await rm(data, { recursive: true, force: true })
}
