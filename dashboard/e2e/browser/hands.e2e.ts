// A supervisor's hands: a caller sent elsewhere, a call that hangs ended; who did it and why is in its history.
import { expect, isLive, KEY, type Page, row, test } from './desk.ts'

/** Gives the key and the name once they are asked for. */
async function sign(page: Page) {
  const asked = page.getByRole('dialog', { name: 'A key is needed' })
  await asked.getByLabel('Key', { exact: true }).fill(KEY)
  await asked.getByLabel('Your name').fill('Maria')
  await asked.getByRole('button', { name: 'Use it' }).click()
}

test('a caller is sent to another queue, and the call is then ended, each with a reason', async ({ server, open }) => {
  await server.initiate('c1')
  const page = await open('/calls/c1')
  await isLive(page)
  await page.getByRole('button', { name: 'Send elsewhere' }).click()
  const sending = page.getByRole('dialog', { name: 'Send this caller elsewhere' })
  await sending.getByLabel('To').selectOption('q:legal_english')
  await sending.getByLabel('Why').fill('speaks English')
  await sending.getByRole('button', { name: 'Send', exact: true }).click()
  await sign(page)
  await expect(row(page, 'c1').locator('.c-queue')).toHaveText('Legal, English')
  await expect(page.locator('.timeline')).toContainText('speaks English', { ignoreCase: true })

  await page.getByRole('button', { name: 'End this call' }).click()
  const ending = page.getByRole('dialog', { name: 'End this call' })
  await ending.getByLabel('Why').fill('nobody is there')
  await ending.getByRole('button', { name: 'End the call' }).click()
  await expect(page.locator('.facts .phase')).toHaveText('Ended')
  await expect(page.locator('.timeline')).toContainText('nobody is there', { ignoreCase: true })
  await expect(page.getByRole('button', { name: 'End this call' })).toHaveCount(0)
})

test('what the rules refuse is said in words', async ({ server, open }) => {
  await server.initiate('c1')
  await server.send('PUT', '/api/agents/ana', { name: 'Ana', queues: ['legal_english'], presence: 'available' })
  const page = await open('/calls/c1')
  await isLive(page)
  await page.getByRole('button', { name: 'Send elsewhere' }).click()
  const sending = page.getByRole('dialog', { name: 'Send this caller elsewhere' })
  await sending.getByLabel('To').selectOption('a:ana')
  await sending.getByLabel('Why').fill('she knows him')
  await server.send('PUT', '/api/agents/ana', { presence: 'away' })
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 1 })
  await sending.getByRole('button', { name: 'Send', exact: true }).click()
  await sign(page)
  await expect(sending.getByRole('alert')).toContainText('That did not work')
})
