// Pausing, and reading while things happen.
import type { Locator } from '@playwright/test'
import { agrees, expect, fill, isLive, row, rows, test } from './desk.ts'

test('a paused page stands still, says how much it missed, and goes on', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await expect.poll(() => rows(page)).toHaveLength(6)
  await page.getByRole('button', { name: 'Pause' }).click()
  const before = await rows(page)
  await server.initiate('late')
  await server.tell({ event: 'call_ended', callId: 'a1', endReason: 'completed', duration: 60 })
  await expect(page.locator('.paused')).toContainText('3 updates since')
  expect(await rows(page)).toEqual(before)
  const clock = await row(page, 'w1').locator('.c-clock').textContent()
  await page.waitForTimeout(1_500)
  expect(await row(page, 'w1').locator('.c-clock').textContent()).toBe(clock)
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.mouse.move(0, 0)
  await agrees(page, server)
})

test('new rows wait while somebody reads, and rows keep their place and focus', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await expect.poll(() => rows(page)).toHaveLength(6)
  const link = row(page, 'a1').getByRole('link')
  await link.focus()
  const places = (await rows(page)).map(it => it.split(' ')[0])
  await server.initiate('new1')
  await server.initiate('new2')
  await server.tell({ event: 'call_hold', callId: 'a1', holdDuration: 1 })
  await server.tell({ event: 'call_ended', callId: 'w1', endReason: 'abandoned', duration: 20 })
  await expect(row(page, 'a1').locator('.phase')).toHaveText('On hold')
  await expect(row(page, 'w1').locator('.phase')).toHaveText('Ended')
  await expect(link).toBeFocused()
  expect((await rows(page)).map(it => it.split(' ')[0])).toEqual(places)
  const chip = page.getByRole('button', { name: 'Show 2 calls that came since' })
  await expect(chip).toHaveText('+2 new')
  await chip.click()
  await page.mouse.move(0, 0)
  await agrees(page, server)
})

test('a button stays under the pointer while what stands above it arrives', async ({ server, open }) => {
  await server.send('PUT', '/api/agents/ana', { name: 'Ana', queues: ['medical_spanish'], presence: 'available' })
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', agentId: 'ana', waitTime: 2 })
  const page = await open('/queues')
  await isLive(page)
  const held: (() => void)[] = []
  await page.route(/\/api\/(agents\/ana|calls\/c1\/events)/, route => {
    held.push(() => void route.continue())
  })

  await page.getByRole('button', { name: 'Ana' }).click()
  const ana = page.getByRole('dialog', { name: 'Ana' })
  await staysStill(ana.getByRole('button', { name: 'Away' }), ana.locator('.agent-day'))

  await page.goto(`${server.url}/calls/c1`)
  const panel = page.getByRole('complementary', { name: 'c1' })
  await staysStill(panel.getByRole('button', { name: 'End this call' }), panel.locator('.spent'))

  /** Lets the answers come that were held back: the figures show that they did. */
  async function staysStill(button: Locator, figures: Locator) {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    const before = await button.boundingBox()
    expect(before).not.toBeNull()
    await expect(figures).not.toContainText(/\d/)
    for (const go of held.splice(0)) go()
    await expect(figures).toContainText(/\d/)
    expect(await button.boundingBox()).toEqual(before)
  }
})
