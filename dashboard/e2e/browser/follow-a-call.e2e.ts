// A call, from its first event to its end, as a supervisor sees it.
import { agrees, expect, isLive, row, test } from './desk.ts'

test('a call is followed from its first event to its end', async ({ server, open }) => {
  const page = await open()
  await isLive(page)
  await expect(page.getByRole('heading', { name: 'No calls yet' })).toBeVisible()
  await expect(page.locator('pre')).toContainText(`curl -X POST ${server.url}/api/events`)

  await server.initiate('c1')
  const phase = row(page, 'c1').locator('.phase')
  await expect(phase).toHaveText('Waiting')
  await expect(row(page, 'c1')).toContainText('answer in')
  await server.tell({ event: 'call_routed', callId: 'c1', agentId: 'ana', routingTime: 1 })
  await expect(phase).toHaveText('Ringing')
  await expect(row(page, 'c1')).toContainText('ana')

  await row(page, 'c1').getByRole('link').click()
  await expect(page).toHaveURL(/\/calls\/c1$/)
  const panel = page.getByRole('complementary')
  await expect(panel.locator('.event')).toHaveCount(2)

  await server.tell({ event: 'call_answered', callId: 'c1', agentId: 'ana', waitTime: 9 })
  await expect(phase).toHaveText('Talking')
  await server.tell({ event: 'call_hold', callId: 'c1', holdDuration: 70 })
  await expect(phase).toHaveText('On hold')
  await expect(row(page, 'c1')).toHaveClass(/row-on_hold/)
  await server.tell({ event: 'call_resumed', callId: 'c1' })
  await server.tell({ event: 'call_transferred', callId: 'c1', queueId: 'legal_english', kind: 'blind' })
  await expect(phase).toHaveText('Waiting')
  await server.tell({ event: 'call_answered', callId: 'c1', agentId: 'bea', waitTime: 2 })
  await server.tell({ event: 'call_ended', callId: 'c1', endReason: 'completed', duration: 120 })

  await expect(panel.locator('.facts .phase')).toHaveText('Ended')
  await expect(panel.locator('.event-says')).toHaveText([
    'A voice call came in for Medical, Spanish.',
    "ana's phone rings.",
    'ana answered, after a wait of 9 s.',
    'Put on hold for 1:10.',
    'Back from hold.',
    'Sent on to Legal, English: waits there for somebody.',
    'bea answered, after a wait of 2 s.',
    'The call ended, after 2:00.',
    'The call was completed and not short, so a survey was asked for.',
  ])
  await expect(panel.locator('.flags')).toContainText('Held too long')
  await panel.getByRole('button', { name: 'Raw JSON' }).click()
  await expect(panel.locator('.raw pre')).toContainText('"call_transferred"')
  expect(JSON.parse((await panel.locator('.raw pre').textContent()) ?? '').events).toEqual(await server.history('c1'))

  await page.mouse.move(0, 0)
  await page.getByRole('link', { name: 'Close this call' }).click()
  await agrees(page, server)
})

test('the reason of what happened by itself is said in a sentence', async ({ server, open }) => {
  await server.send('PUT', '/api/queues/legal_spanish', { slaSeconds: 1, ringSeconds: 1, maxHoldSeconds: 1 })
  await server.initiate('c1', 'legal_spanish')
  await server.tell({ event: 'call_routed', callId: 'c1', agentId: 'ana', routingTime: 1 })
  const page = await open('/calls/c1')
  const says = page.locator('.event-says')
  await expect(says.filter({ hasText: 'ana did not answer in time, so the call waits again' })).toBeVisible()
  await expect(says.filter({ hasText: 'Nobody answered within the promised time' })).toBeVisible()
  await expect(page.locator('.event-call_retransfer .event-by')).toContainText('Switchboard')
  await expect(page.locator('.event-call_retransfer .event-by')).toContainText('Ring no answer')
  await expect(row(page, 'c1')).toHaveClass(/row-over/)
  await expect(row(page, 'c1')).toContainText('over')
})

test('a call that does not exist is said to be missing', async ({ open }) => {
  const page = await open('/calls/nowhere')
  await expect(page.getByRole('heading', { name: 'There is no such call' })).toBeVisible()
})

test('an odd id is a link like any other', async ({ server, open }) => {
  const id = 'Ω call/1?x=%2F #1'
  await server.initiate(id)
  const page = await open()
  await page.getByRole('link', { name: id }).click()
  await expect(page.getByRole('complementary').locator('.event')).toHaveCount(1)
  await page.reload()
  await expect(page.getByRole('complementary').locator('.event')).toHaveCount(1)
})

test('a late answer is shown among what happened', async ({ server, open }) => {
  await server.initiate('c1')
  for (const agentId of ['ana', 'eva'])
    await server.tell({ event: 'call_routed', callId: 'c1', agentId, routingTime: 1 })
  const late = { event: 'call_answered', callId: 'c1', agentId: 'ana', offer: 1, waitTime: 1 }
  await expect(server.tell(late)).rejects.toThrow()
  const page = await open('/calls/c1')
  await isLive(page)
  const shown = page.locator('.timeline .event-late_answer')
  await expect(shown).toContainText('ana answered too late: offer 1, while offer 2 stands.')
  await expect(shown).toContainText('API_KEY')
})
