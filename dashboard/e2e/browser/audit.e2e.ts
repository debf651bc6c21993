// Who did what on purpose, when and why; on every device, and also when there is nothing to see.
import { AxeBuilder } from '@axe-core/playwright'
import type { Server } from '../harness/server.js'
import { expect, fill, isLive, KEY, type Page, test } from './desk.ts'

async function deeds(server: Server) {
  await fill(server)
  const post = (path: string, body: object) => server.send('POST', path, body)
  await server.send('PUT', '/api/queues/legal_english', { slaSeconds: 20 })
  await server.send('PUT', '/api/agents/ana', { name: 'Ana Ruiz', queues: ['medical_spanish'] })
  await post('/api/calls/a1/end', { reason: 'The line is dead' })
  await post('/api/agents/ana/presence', { presence: 'away', reason: 'Went home' })
}

const cells = (page: Page) =>
  page.locator('.audit tbody tr').evaluateAll(all => all.map(row => [...row.children].map(cell => cell.textContent)))

test('what was done stands with who, to what and why, newest first, and leads there', async ({ server, open }) => {
  await deeds(server)
  const page = await open()
  await isLive(page)
  await page.keyboard.press('g')
  await page.keyboard.press('u')
  await expect(page).toHaveURL(/\/audit$/)
  await expect
    .poll(async () => (await cells(page)).map(row => row.slice(1)))
    .toEqual([
      ['API_KEY admin', 'Set presence', 'Ana Ruiz', 'Went homepresence away'],
      ['API_KEY admin', 'Ended call', 'a1', 'The line is dead'],
      ['API_KEY admin', 'Changed agent', 'Ana Ruiz', 'name Ana Ruizqueues Medical, Spanish'],
      ['API_KEY admin', 'Changed queue', 'Legal, English', 'answer within, s 20'],
    ])
  await page.getByRole('link', { name: 'a1' }).click()
  await expect(page.getByRole('complementary', { name: 'Call a1' })).toBeVisible()
  await page.goBack()
  await page.getByRole('link', { name: 'Ana Ruiz' }).first().click()
  await expect(page.getByRole('dialog', { name: 'Ana Ruiz' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/\/queues$/)
  await page.goBack()
  await page.getByRole('link', { name: 'Legal, English' }).click()
  await expect(page.getByRole('region', { name: 'Legal, English' })).toBeInViewport()
})

test('older deeds come page by page, and a server that is gone takes none away', async ({ server, open }) => {
  for (let n = 0; n < 120; n += 1) await server.send('PUT', '/api/queues/dental', { slaSeconds: n + 1 })
  const page = await open('/audit')
  await expect(page.locator('.audit tbody tr')).toHaveCount(100)
  await page.getByRole('button', { name: 'Show older' }).click()
  await expect(page.locator('.audit tbody tr')).toHaveCount(120)
  await expect(page.getByText('These are all 120 of them.')).toBeVisible()
  await server.stop('SIGKILL')
  await expect(page.locator('[data-trust]')).toHaveAttribute('data-trust', 'reconnecting')
  await expect(page.locator('.audit tbody tr')).toHaveCount(120)
})

test('what cannot be fetched is said, and can be tried again', async ({ server, open, context }) => {
  await context.route('**/api/actions*', route => route.abort())
  const page = await open('/audit')
  await expect(page.getByRole('heading', { name: 'What was done could not be fetched' })).toBeVisible()
  await context.unroute('**/api/actions*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing was done by hand yet' })).toBeVisible()
  await server.send('PUT', '/api/queues/dental', { slaSeconds: 9 })
  await page.reload()
  await expect(page.getByRole('cell', { name: 'Changed queue' })).toBeVisible()
})

test.describe('where reading needs a key', () => {
  test.use({ settings: { READ_KEY: 'a-key-for-reading' } })

  test('it is asked for, and what was done is shown', async ({ server, open }) => {
    await server.send('PUT', '/api/queues/dental', { slaSeconds: 9 })
    const page = await open('/audit')
    await expect(page.getByRole('heading', { name: 'A key is needed' })).toBeVisible()
    await page.getByLabel('Key', { exact: true }).fill(KEY)
    await page.getByRole('button', { name: 'Use it' }).click()
    await expect(page.getByRole('cell', { name: 'Changed queue' })).toBeVisible()
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme })

    test('it is for everyone, on a phone too', async ({ server, open }) => {
      const isFine = async (page: Page) => {
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 780 })
          expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        }
      }
      const empty = await open('/audit')
      await isLive(empty)
      await expect(empty.getByRole('heading', { name: 'Nothing was done by hand yet' })).toBeVisible()
      await isFine(empty)
      await deeds(server)
      const full = await open('/audit')
      await isLive(full)
      await expect(full.locator('.audit tbody tr')).toHaveCount(4)
      await isFine(full)
    })
  })
}
