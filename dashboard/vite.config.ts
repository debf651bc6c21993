// How the dashboard is built: hashed files under dist/assets, which the executable embeds.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env['SWITCHBOARD_URL'] ?? 'http://localhost:3000'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The content policy allows no `data:`: everything is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` shows what is written here over a server that runs elsewhere.
  server: { proxy: { '/api': server, '/health': server, '/socket.io': { target: server, ws: true } } },
  test: { include: ['src/**/*.test.ts'] },
})
