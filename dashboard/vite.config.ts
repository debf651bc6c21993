// How the dashboard is built: hashed files under dist/assets, which the executable embeds.
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const server = process.env['SWITCHBOARD_URL'] ?? 'http://localhost:3000'

/**
 * Nothing is painted before the page's first module has set the theme, so that the wrong one never flashes.
 * The content policy allows no script in the page, and the build keeps no attributes of the one it names.
 */
const themeFirst: Plugin = {
  name: 'theme-first',
  transformIndexHtml: {
    order: 'post',
    handler: page =>
      page.replace('<script type="module" crossorigin', '<script type="module" blocking="render" crossorigin'),
  },
}

export default defineConfig({
  plugins: [react(), themeFirst],
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
