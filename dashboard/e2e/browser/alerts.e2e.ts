// Broken promises: shown at once, kept until somebody takes note, with who did.
import { expect, isLive, KEY, test } from './desk.ts'

test('an alert stays in view until somebody takes note of it', async ({ server, open }) => {
  await server.send('PUT', '/api/queues/legal_spanish', { slaSeconds: 1 })
  const page = await open('/alerts')
  const other = await open('/alerts')
  await isLive(page)
  await isLive(other)
  await expect(page.getByRole('heading', { name: 'No alerts' })).toBeVisible()
  await server.initiate('c1', 'legal_spanish')
  const alert = page.locator('.alert')
  await expect(alert).toContainText('Critical')
  await expect(alert).toContainText('Not answered in time')
  await expect(page).toHaveTitle('(1) Alerts · Switchboard')
  await expect(page.locator('[role="alert"]').filter({ hasText: '1 new critical alert' })).toBeAttached()

  await alert.getByRole('button', { name: 'Acknowledge' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Key', { exact: true }).fill('not the key')
  await dialog.getByLabel('Your name').fill('Maria')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(dialog).toContainText('This key was refused')
  await dialog.getByLabel('Key', { exact: true }).fill(KEY)
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing to be seen' })).toBeVisible()
  await expect(page).toHaveTitle('Alerts · Switchboard')
  await expect(other).toHaveTitle('Alerts · Switchboard')
  await other.getByRole('link', { name: 'All', exact: true }).click()
  await expect(other.locator('.alert')).toContainText('Maria')

  // It is asked for once.
  await server.initiate('c2', 'legal_spanish')
  await page.locator('.alert').getByRole('button', { name: 'Acknowledge' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing to be seen' })).toBeVisible()
})

test('sound is off until somebody turns it on', async ({ open }) => {
  const page = await open()
  const sound = page.getByRole('button', { name: 'Turn sound on' })
  await expect(sound).toHaveAttribute('aria-pressed', 'false')
  await sound.click()
  await expect(page.getByRole('button', { name: 'Turn sound off' })).toHaveAttribute('aria-pressed', 'true')
})
