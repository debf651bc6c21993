// Agents: who is there, what they do, and why calls do or do not reach them.
import { expect, isLive, KEY, row, test } from './desk.ts'

test('an agent is rung, talks, and goes away, as it happens', async ({ server, open }) => {
  await server.send('PUT', '/api/agents/ana', { name: 'Ana', queues: ['medical_spanish'], presence: 'available' })
  const page = await open('/queues')
  await isLive(page)
  const ana = page.getByRole('region', { name: 'Medical, Spanish' }).getByRole('listitem').filter({ hasText: 'Ana' })
  await expect(ana).toContainText('Idle')
  await server.initiate('c1')
  await expect(ana).toContainText('Ringing')
  await server.tell({ event: 'call_answered', callId: 'c1', agentId: 'ana', waitTime: 2 })
  await expect(ana).toContainText('Talking')
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 60 })
  await expect(ana).toContainText('Idle')
  await server.send('PUT', '/api/agents/ana', { presence: 'away' })
  await expect(ana).toContainText('Away')
  const { reason } = await server.get('/api/agents/ana')
  await expect(ana.locator('.agent-why')).toHaveText(reason)
})

test('a supervisor frees an agent and sets them away, with a key and a reason', async ({ server, open }) => {
  await server.send('PUT', '/api/agents/ana', { name: 'Ana', queues: ['medical_spanish'], presence: 'available' })
  await server.initiate('c1')
  await server.tell({ event: 'call_answered', callId: 'c1', agentId: 'ana', waitTime: 2 })
  const page = await open('/queues')
  await isLive(page)
  await page.getByRole('button', { name: 'Ana' }).click()
  const ana = page.getByRole('dialog', { name: 'Ana' })
  await ana.getByRole('button', { name: 'Away' }).click()
  await expect(ana.getByLabel('Why')).toBeFocused()
  await ana.getByLabel('Why').fill('her headset is broken')
  await ana.getByLabel('Why').press('Enter')
  await ana.getByRole('button', { name: 'Away' }).click()
  const asked = page.getByRole('dialog', { name: 'A key is needed' })
  await asked.getByLabel('Key', { exact: true }).fill(KEY)
  await asked.getByLabel('Your name').fill('Maria')
  await asked.getByRole('button', { name: 'Use it' }).click()
  await expect(ana.getByRole('button', { name: 'Away' })).toHaveAttribute('aria-pressed', 'true')
  expect(await server.get('/api/agents/ana')).toMatchObject({
    presence: 'away',
    presenceReason: 'her headset is broken',
    callId: 'c1',
  })

  await ana.getByLabel('Why').fill('the line is dead')
  await ana.getByRole('button', { name: 'Free agent' }).click()
  await expect(ana.getByRole('button', { name: 'Free agent' })).toHaveCount(0)
  expect((await server.get('/api/calls/c1')).status).toBe('waiting')
})

test('numbers of a queue open the calls behind them', async ({ server, open }) => {
  await server.initiate('c1')
  await server.initiate('c2', 'legal_english')
  const page = await open('/queues')
  await isLive(page)
  const queue = page.getByRole('region', { name: 'Legal, English' })
  await expect(queue.getByRole('link', { name: '1 waiting' })).toBeVisible()
  await queue.getByRole('link', { name: '1 waiting' }).click()
  await expect(row(page, 'c2')).toBeVisible()
  await expect(page).toHaveURL(/queue=legal_english&status=waiting/)
})

test('a promise that is about to be broken is warned of, with what stands in the way', async ({ server, open }) => {
  await server.send('PUT', '/api/queues/legal_spanish', { slaSeconds: 6 })
  const page = await open('/alerts')
  await isLive(page)
  await server.initiate('c1', 'legal_spanish')
  const soon = page.getByRole('region', { name: 'About to be broken' })
  await expect(soon.getByRole('link', { name: 'c1' })).toBeVisible()
  await expect(page.locator('.alert')).toHaveCount(1)
  await expect(soon).toHaveCount(0)
})

test('service figures follow what happens, and name their formula', async ({ server, open }) => {
  const page = await open('/queues')
  await isLive(page)
  const queue = page.getByRole('region', { name: 'Legal, English' }).locator('.figures')
  const offered = queue.getByRole('row', { name: 'Offered' })
  await expect(offered.getByRole('cell').last()).toHaveText('0')
  await server.initiate('c1', 'legal_english')
  await expect(offered.getByRole('cell').last()).toHaveText('1')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 3 })
  await expect(queue.getByRole('row', { name: 'Service level' }).getByRole('cell').last()).toHaveText('100 %')
  const { formulas } = await server.get('/api/metrics/queues')
  const title = await queue.getByRole('rowheader', { name: 'Service level' }).getAttribute('title')
  expect(title).toContain(formulas.serviceLevel.formula)
  expect(title).toContain(formulas.serviceLevel.source)
})
