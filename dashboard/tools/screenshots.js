// `npm run screenshots`: pictures of every page, from a server of its own, light and dark, wide and narrow;
// those of the README go to docs/screenshots.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { Server } from '../e2e/harness/server.js'
import { play } from './stage.js'

const OUT = process.env['SCREENSHOTS'] ?? fileURLToPath(new URL('../screenshots/', import.meta.url))
/** Those that the README shows. */
const SHOWN = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const README = ['calls-wide-light', 'calls-wide-dark', 'call-wide-light', 'queues-wide-light', 'alerts-wide-dark', 'wall-wide-dark']
const SECONDS = Number(process.env['STAGE_SECONDS'] ?? 50)
const SIZES = { wide: { width: 1440, height: 860 }, narrow: { width: 390, height: 780 } }
const THEMES = /** @type {const} */ (['light', 'dark'])
const PAGES = { calls: '/', alerts: '/alerts', queues: '/queues', audit: '/audit', wall: '/wall', ended: '/?status=ended' }

const data = await mkdtemp(join(tmpdir(), 'switchboard-screens-'))
const server = new Server(data, {})
await mkdir(OUT, { recursive: true })
await mkdir(SHOWN, { recursive: true })
await server.start()
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' })

/** @param {string} name @param {string} path @param {(page: import('@playwright/test').Page) => Promise<void>} [before] */
async function take(name, path, before) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      const page = await browser.newPage({ viewport, colorScheme })
      page.on('console', message => message.type() === 'error' && process.stderr.write(`${name}: ${message.text()}\n`))
      await page.goto(server.url + path)
      await page.locator('[data-trust="live"]').waitFor()
      await page.waitForTimeout(1_200)
      await before?.(page)
      const file = `${name}-${size}-${colorScheme}`
      await page.screenshot({ path: join(OUT, `${file}.png`) })
      if (README.includes(file)) await copyFile(join(OUT, `${file}.png`), join(SHOWN, `${file}.png`))
      await page.close()
      await server.start()
    }
  }
}

try {
  await take('empty', '/')
  const until = { isOver: false }
  const playing = play(server, until)
  await new Promise(resolve => setTimeout(resolve, SECONDS * 1_000))
  for (const [name, path] of Object.entries(PAGES)) await take(name, path)
  /** @type {import('../src/api/schema.d.ts').components['schemas']['Call'][]} */
  const calls = await server.get('/api/calls?limit=1000')
  const told = calls.toSorted((a, b) => b.version - a.version)[0]
  if (told) await take('call', `/calls/${told.id}`)
  await take('nothing-fits', '/?q=nobody')
  until.isOver = true
  await playing
  await take('gone', '/', async page => {
    await server.stop('SIGKILL')
    await page.locator('[data-trust="reconnecting"]').waitFor()
    await page.waitForTimeout(2_000)
  })
} finally {
  await browser.close()
  await server.stop('SIGKILL')
  await rm(data, { recursive: true, force: true })
}
