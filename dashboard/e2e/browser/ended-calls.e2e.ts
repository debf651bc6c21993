// Calls that ended are found whatever their age, and the page says how far back it has looked.
import type { Server } from '../harness/server.js'
import { expect, isLive, row, rows, test } from './desk.ts'

/** One call that rosa had and that was short, and after it more than a page has. */
async function manyEnded(server: Server) {
  const of = (callId: string, agentId: string, duration: number) => [
    { event: 'call_initiated', callId, type: 'voice', queueId: 'medical_spanish' } as const,
    { event: 'call_routed', callId, agentId, routingTime: 1 } as const,
    { event: 'call_answered', callId, waitTime: 2 } as const,
    { event: 'call_ended', callId, endReason: 'completed', duration } as const,
  ]
  await server.tellAll(of('long-ago', 'rosa', 5))
  await server.tellAll(Array.from({ length: 1_100 }, (_, n) => of(`c${n}`, `agent-${n % 4}`, 120)).flat())
}

test('a call that ended long ago is found by its agent, its flag and a part of its id', async ({ server, open }) => {
  await manyEnded(server)
  const page = await open('/?status=ended&agent=rosa')
  await expect.poll(() => rows(page)).toEqual(['long-ago Ended'])
  await expect(page.getByText('All calls that ended were searched.')).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Ended at' })).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'In state' })).toBeHidden()
  await expect(page.getByRole('columnheader', { name: 'Lasted' })).toBeVisible()
  await expect(row(page, 'long-ago').locator('.c-age')).toHaveText(/^\d:\d\d$/)
  await expect(row(page, 'long-ago').locator('.c-promise')).toHaveText(/^\d\d:\d\d:\d\d$/)
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link').last()).toHaveText('Ended1')

  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByLabel('Flag', { exact: true }).selectOption('short_call')
  await expect.poll(() => rows(page)).toEqual(['long-ago Ended'])
  await page.getByLabel('Flag', { exact: true }).selectOption('')
  await page.getByLabel('Search call, agent or queue').pressSequentially('NG-ag')
  await expect.poll(() => rows(page)).toEqual(['long-ago Ended'])
  await page.getByLabel('Search call, agent or queue').fill('c1099')
  await expect.poll(() => rows(page)).toEqual(['c1099 Ended'])
  await page.getByLabel('Search call, agent or queue').fill('nobody')
  await expect(page.getByRole('heading', { name: 'No call matches these filters' })).toBeVisible()
  await expect(page.getByText('All calls that ended were searched.')).toBeVisible()

  // Whoever wants to see them all goes back page by page.
  await page.getByRole('link', { name: 'Clear filters' }).first().click()
  await expect(page.getByText(/^Shown back to \d\d:\d\d:\d\d\.$/)).toBeVisible()
  await page.getByRole('button', { name: 'Show older' }).click()
  await expect(page.getByRole('table', { name: 'Calls, 1,101 rows' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Show older' })).toBeHidden()
})

test('a search says how far back it went, goes on when asked, and may fail on the way', async ({ server, open }) => {
  for (const id of ['first', 'second', 'third']) {
    await server.initiate(id)
    await server.tell({ event: 'call_ended', callId: id, endReason: 'abandoned', duration: 12 })
  }
  const page = await open()
  await isLive(page)
  let isBroken = false
  await page.route('**/api/calls?status=ended*', route => {
    if (isBroken && /cursor=/.test(route.request().url())) return route.abort()
    return route.continue({ url: route.request().url().replace('limit=1000', 'limit=1') })
  })
  await page.goto(`${server.url}/?status=ended&q=ir`)
  await expect.poll(() => rows(page)).toEqual(['third Ended'])
  await expect(page.getByText(/^Searched back to \d\d:\d\d:\d\d\.$/)).toBeVisible()
  isBroken = true
  await page.getByRole('button', { name: 'Search further' }).click()
  await expect(page.getByText(/^This could not be fetched: /)).toBeVisible()
  expect(await rows(page)).toEqual(['third Ended'])
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => rows(page)).toEqual(['third Ended', 'first Ended'])
  await expect(page.getByText('All calls that ended were searched.')).toBeVisible()

  // What ends meanwhile comes by itself.
  await server.initiate('their')
  await server.tell({ event: 'call_ended', callId: 'their', endReason: 'abandoned', duration: 12 })
  await expect(row(page, 'their')).toBeVisible()
})
