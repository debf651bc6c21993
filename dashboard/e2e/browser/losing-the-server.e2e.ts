// The truth about itself: a server that dies and comes back, tabs that were not looked at.
import { agrees, expect, fill, isLive, rows, test } from './desk.ts'

const trust = (page: import('@playwright/test').Page) => page.locator('[data-trust]')

test('a server is killed and comes back, and the picture equals the database', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await agrees(page, server)
  const before = await rows(page)
  await server.stop('SIGKILL')
  await expect(trust(page)).toHaveAttribute('data-trust', 'reconnecting')
  await expect(trust(page)).toContainText('as of')
  expect(await rows(page), 'rows are kept').toEqual(before)
  await expect(page.locator('.app')).toHaveClass(/is-old/)
  await server.start()
  await server.initiate('after')
  await server.tell({ event: 'call_ended', callId: 'h1', endReason: 'completed', duration: 60 })
  await isLive(page)
  await agrees(page, server)
  await server.tell({ event: 'call_answered', callId: 'after', waitTime: 2 })
  await agrees(page, server)
})

test('without a network it is offline, and catches up when there is one', async ({ server, open, context }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await context.setOffline(true)
  // Chromium keeps the socket: the page is told that the machine has no network.
  await page.evaluate(() => dispatchEvent(new Event('offline')))
  await server.stop('SIGKILL')
  await expect(trust(page)).toHaveAttribute('data-trust', 'offline')
  await server.start()
  await server.initiate('meanwhile')
  await context.setOffline(false)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await isLive(page)
  await agrees(page, server)
})

test('a server with another version of the page offers to reload it', async ({ server, open }) => {
  const page = await open()
  await isLive(page)
  // What a newer executable would answer when the page asks for itself.
  await page.route(`${server.url}/`, route =>
    route.request().resourceType() === 'fetch'
      ? route.fulfill({
          contentType: 'text/html',
          body: '<script type="module" src="/assets/index-newer.js"></script>',
        })
      : route.continue(),
  )
  await server.stop('SIGKILL')
  await server.start()
  await expect(page.getByText('The server has a newer version of this page.')).toBeVisible()
  await page.unroute(`${server.url}/`)
  await page.getByRole('button', { name: 'Reload' }).click()
  await isLive(page)
  await expect(page.getByText('The server has a newer version of this page.')).toHaveCount(0)
})

test('two tabs agree', async ({ server, open }) => {
  const [one, two] = [await open(), await open('/?sort=id')]
  await isLive(one)
  await isLive(two)
  await fill(server)
  await agrees(one, server)
  await agrees(two, server)
  await server.tell({ event: 'call_ended', callId: 'w1', endReason: 'abandoned', duration: 20 })
  await agrees(one, server)
  await agrees(two, server)
})

test('a tab that was not looked at fetches again when it is', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  const look = (isHidden: boolean, now: number) =>
    page.evaluate(
      ([hidden, time]) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
        const real = Date.now
        Date.now = () => real() + time
        document.dispatchEvent(new Event('visibilitychange'))
        Date.now = real
      },
      [isHidden, now] as const,
    )
  await look(true, 0)
  const fetched = page.waitForResponse(answer => answer.url().includes('/api/calls?status=waiting'))
  await look(false, 60_000)
  await fetched
  await agrees(page, server)
})

test.describe('where reading needs a key', () => {
  test.use({ settings: { READ_KEY: 'a-key-to-read' } })

  test('the page asks for one, and keeps it for the session', async ({ server, open }) => {
    await server.initiate('c1')
    const page = await open()
    await expect(page.getByRole('heading', { name: 'A key is needed' })).toBeVisible()
    await page.getByLabel('Key', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: 'Use it' }).click()
    await expect(page.getByText('This key was refused')).toBeVisible()
    await page.getByLabel('Key', { exact: true }).fill('a-key-to-read')
    await page.getByRole('button', { name: 'Use it' }).click()
    await isLive(page)
    await expect.poll(() => rows(page)).toEqual(['c1 Waiting'])
    await page.reload()
    await expect.poll(() => rows(page)).toEqual(['c1 Waiting'])
  })
})
