// axe finds nothing serious: full, empty and in error, in both themes. And nothing is cut off on a phone.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, fill, isLive, type Page, test } from './desk.ts'

const PAGES = [
  '/',
  '/?status=ended',
  '/alerts',
  '/alerts?show=all',
  '/queues',
  '/audit',
  '/wall',
  '/calls/h1',
  '/calls/nowhere',
]

async function serious(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${new URL(page.url()).pathname} ${id}: ${nodes
          .map(({ html }) => html)
          .slice(0, 3)
          .join(' | ')}`,
    )
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme })

    test('full pages are for everyone', async ({ server, open }) => {
      test.slow() // the examiner takes its time with each page
      await server.send('PUT', '/api/queues/legal_english', { slaSeconds: 1 })
      await fill(server)
      for (const path of PAGES) {
        const page = await open(path)
        await isLive(page)
        if (path.startsWith('/alerts')) await expect(page.locator('.alert').first()).toBeVisible()
        if (path === '/calls/h1') await expect(page.locator('.event').first()).toBeVisible()
        if (path === '/queues') await expect(page.locator('.queue').first()).toBeVisible()
        expect(await serious(page)).toEqual([])
        await page.close()
      }
    })

    test('empty pages are for everyone', async ({ open }) => {
      test.slow()
      for (const path of ['/', '/alerts', '/queues', '/audit', '/wall', '/?q=nobody']) {
        const page = await open(path)
        await isLive(page)
        expect(await serious(page)).toEqual([])
        await page.close()
      }
    })

    test('a page whose server is gone is for everyone', async ({ server, open }) => {
      await fill(server)
      const page = await open('/')
      await isLive(page)
      await page.keyboard.press('?')
      expect(await serious(page)).toEqual([])
      await page.keyboard.press('Escape')
      await server.stop('SIGKILL')
      await expect(page.locator('[data-trust]')).toHaveAttribute('data-trust', 'reconnecting')
      expect(await serious(page)).toEqual([])
      await page.getByRole('link', { name: 'Ended' }).click()
      expect(await serious(page)).toEqual([])
    })
  })
}

test('on a phone nothing is wider than the screen', async ({ server, open }) => {
  await fill(server)
  for (const path of PAGES) {
    const page = await open(path)
    await page.setViewportSize({ width: 390, height: 780 })
    await isLive(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390)
    await page.close()
  }
})

test('on a phone queues and ids of calls are shown whole', async ({ server, open }) => {
  await server.initiate('CA8a2f0c4d6e1b4f7a9c3d5e7f1a2b3c4d', 'medical_spanish')
  const page = await open('/')
  await page.setViewportSize({ width: 390, height: 780 })
  await isLive(page)
  for (const cell of [page.locator('td.c-queue'), page.locator('th.c-id[scope="row"]')]) {
    await expect(cell).toBeVisible()
    expect(await cell.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
  }
  // A select does not tell whether it cuts off what it says: it has half the line.
  for (const name of ['Queue', 'Agent', 'Flag']) {
    const select = page.getByLabel(name, { exact: true })
    expect(await select.evaluate(it => it.clientWidth)).toBeGreaterThan(170)
  }
})
