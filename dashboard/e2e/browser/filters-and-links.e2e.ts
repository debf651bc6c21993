// Filters, their counts, and links that say everything.
import { expect, fill, isLive, rows, test } from './desk.ts'

test('filters narrow the table and its counts, and a link keeps them', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  const chips = page.getByRole('navigation', { name: 'Status' }).getByRole('link')
  await expect(chips).toHaveText(['Open6', 'Waiting2', 'Ringing1', 'Talking2', 'On hold1', 'Ended1'])
  await chips.filter({ hasText: 'Talking' }).click()
  await expect.poll(() => rows(page)).toHaveLength(2)
  await page.getByLabel('Queue', { exact: true }).selectOption('legal_english')
  await expect.poll(() => rows(page)).toEqual(['a2 Talking'])
  await expect(page).toHaveURL(/status=active&queue=legal_english/)
  await expect(chips).toHaveText(['Open2', 'Waiting1', 'Ringing0', 'Talking1', 'On hold0', 'Ended0'])

  const another = await open(new URL(page.url()).pathname + new URL(page.url()).search)
  await expect.poll(() => rows(another)).toEqual(['a2 Talking'])
  await server.initiate('w3', 'legal_english')
  await expect(another.getByRole('navigation', { name: 'Status' }).getByRole('link').nth(1)).toHaveText('Waiting2')

  await page.goBack()
  await expect(page).toHaveURL(`${server.url}/`)
  await expect.poll(() => rows(page)).toHaveLength(7)
})

test('a search, an agent and a flag find what they say', async ({ server, open }) => {
  await fill(server)
  const page = await open()
  await isLive(page)
  await page.getByLabel('Search call, agent or queue').fill('DAN')
  await expect.poll(() => rows(page)).toEqual(['h1 On hold'])
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByLabel('Agent', { exact: true }).selectOption('ana')
  await expect.poll(() => rows(page)).toEqual(['r1 Ringing'])
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByLabel('Flag', { exact: true }).selectOption('short_call')
  await expect(page.getByRole('heading', { name: 'No call matches these filters' })).toBeVisible()
  await page.getByRole('link', { name: 'Ended' }).click()
  await expect.poll(() => rows(page)).toEqual(['e1 Ended'])
})

test('columns sort, and say so', async ({ server, open }) => {
  await fill(server)
  const page = await open('/?sort=id')
  await expect
    .poll(async () => (await rows(page)).map(it => it.split(' ')[0]))
    .toEqual(['a1', 'a2', 'h1', 'r1', 'w1', 'w2'])
  await page.getByRole('columnheader', { name: 'Call' }).getByRole('link').click()
  await expect(page.getByRole('columnheader', { name: 'Call' })).toHaveAttribute('aria-sort', 'descending')
  await expect(page).toHaveURL(/sort=-id/)
})

test('what is not there is not the page', async ({ server, open }) => {
  for (const path of ['/assets/gone-12345678.js', '/api/nothing', '/health/x', '/problems/nothing']) {
    expect((await server.ask(path)).status, path).toBe(404)
  }
  const answer = await server.ask('/queues')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  const page = await open('/no/such/page')
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
})
