// Everything without a mouse.
import { expect, fill, isLive, row, rows, test } from './desk.ts'

test('a call is found, read and closed by keyboard alone', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await expect.poll(() => rows(page)).toHaveLength(6)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()

  await page.keyboard.press('/')
  await expect(page.getByLabel('Search call, agent or queue')).toBeFocused()
  await page.keyboard.type('medical_spanish')
  await expect.poll(() => rows(page)).toHaveLength(4)
  await page.keyboard.press('Enter')
  const ids = (await rows(page)).map(it => it.split(' ')[0] ?? '')
  await expect(row(page, ids[0] ?? '').getByRole('link')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(row(page, ids[1] ?? '').getByRole('link')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/calls/${ids[1]}\\?`))
  await expect(page.getByRole('complementary').getByRole('heading', { name: ids[1] ?? '' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toHaveCount(0)
  await expect(row(page, ids[1] ?? '').getByRole('link')).toBeFocused()
})

test('pages, pause, theme and help have their keys', async ({ open }) => {
  const page = await open()
  await isLive(page)
  for (const [key, path] of [
    ['a', '/alerts'],
    ['q', '/queues'],
    ['u', '/audit'],
    ['w', '/wall'],
    ['c', '/'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL(new RegExp(`${path}$`))
  }
  await page.keyboard.press('p')
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible()
  await page.keyboard.press('p')
  await page.keyboard.press('t')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('five thousand calls are walked by keyboard, though few of them are drawn', async ({ server, open }) => {
  test.slow()
  await server.tellAll(
    Array.from({ length: 5_000 }, (_, index) => ({
      event: 'call_initiated',
      callId: `c${String(index).padStart(4, '0')}`,
      type: 'voice' as const,
      queueId: 'medical_spanish',
    })),
  )
  const page = await open('/?sort=id')
  await isLive(page)
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5001')
  expect((await rows(page)).length).toBeLessThan(60)
  await page.keyboard.press('j')
  await expect(row(page, 'c0000').getByRole('link')).toBeFocused()
  await page.keyboard.press('End')
  await expect(row(page, 'c4999').getByRole('link')).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(row(page, 'c4998').getByRole('link')).toBeFocused()
})
