// What every browser test begins with: a server of its own, and pages that complain aloud.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import { KEY, Server } from '../harness/server.js'

export { expect, KEY, type Page }

interface Desk {
  /** Settings of the server; a test may have its own. */
  settings: Record<string, string>
  /** A server with an empty database. */
  server: Server
  /** A page that shows a path of it, live. */
  open: (path?: string) => Promise<Page>
}

export const test = base.extend<Desk>({
  settings: [{}, { option: true }],
  server: async ({ settings }, use) => {
    const data = await mkdtemp(join(tmpdir(), 'switchboard-browser-'))
    const server = new Server(data, settings)
    await server.start()
    await use(server)
    await server.stop('SIGKILL')
    await rm(data, { recursive: true, force: true })
  },
  open: async ({ context, server }, use) => {
    const broken: string[] = []
    await use(async (path = '/') => {
      const page = await context.newPage()
      page.on('pageerror', error => broken.push(String(error)))
      page.on('console', message => {
        // What broke inside the page, or was forbidden by its policy. A server that is away is no fault of it.
        const isAway = /Failed to load resource|WebSocket connection|net::ERR/.test(message.text())
        if (message.type() === 'error' && !isAway) broken.push(message.text())
      })
      await page.goto(server.url + path)
      return page
    })
    expect(broken).toEqual([])
  },
})

/** Waits until a page says that it shows what is. */
export const isLive = (page: Page) => expect(page.locator('[data-trust]')).toHaveAttribute('data-trust', 'live')

/** The calls in the table, in their order, each with what it is doing. */
export const rows = (page: Page) =>
  page
    .locator('tr[data-call]')
    .evaluateAll(all => all.map(row => `${row.getAttribute('data-call')} ${row.querySelector('.phase')?.textContent}`))

/** The row of a call. */
export const row = (page: Page, id: string) => page.locator(`tr[data-call="${id}"]`)

const PHASES: Record<string, string> = { waiting: 'Waiting', active: 'Talking', on_hold: 'On hold', ended: 'Ended' }

/** What the table has to show of the open calls, by what the database says. */
export async function fromDatabase(server: Server) {
  const calls: { id: string; status: string; ringDueAt?: string }[] = await server.get('/api/calls?limit=1000')
  return calls
    .filter(({ status }) => status !== 'ended')
    .map(({ id, status, ringDueAt }) => `${id} ${ringDueAt ? 'Ringing' : PHASES[status]}`)
    .sort()
}

/** Fails unless the table shows what the database says. */
export const agrees = (page: Page, server: Server) =>
  expect(async () => expect((await rows(page)).sort()).toEqual(await fromDatabase(server))).toPass({ timeout: 15_000 })

/** A centre with some calls in every state. */
export async function fill(server: Server) {
  for (const id of ['w1', 'w2', 'r1', 'a1', 'a2', 'h1', 'e1']) {
    await server.initiate(id, id === 'w2' || id === 'a2' ? 'legal_english' : 'medical_spanish')
  }
  await server.tell({ event: 'call_routed', callId: 'r1', agentId: 'ana', routingTime: 1 })
  for (const [callId, agentId] of [
    ['a1', 'bea'],
    ['a2', 'cai'],
    ['h1', 'dan'],
    ['e1', 'eva'],
  ] as const) {
    await server.tell({ event: 'call_routed', callId, agentId, routingTime: 1 })
    await server.tell({ event: 'call_answered', callId, agentId, waitTime: 4 })
  }
  await server.tell({ event: 'call_hold', callId: 'h1', holdDuration: 5 })
  await server.tell({ event: 'call_ended', callId: 'e1', endReason: 'completed', duration: 5 })
}
