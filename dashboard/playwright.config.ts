// What a person does, in Debian's Chromium, against the real executable. `npm run test:browser`.
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e/browser',
  testMatch: '*.e2e.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: true,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' },
    trace: 'retain-on-failure',
  },
})
