// What a browser loads first stays small: the page, and what it names.
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import test from 'node:test'

const DIST = new URL('../dist/', import.meta.url)
const FIRST_LOAD_MAX = 250_000

test('the first load is at most 250 kB, compressed', async () => {
  assert.ok(existsSync(DIST), 'run `npm run build` first')
  const page = await readFile(new URL('index.html', DIST), 'utf8')
  const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
  assert.ok(named.some(path => path.endsWith('.js')) && named.some(path => path.endsWith('.css')), page)
  const sizes = await Promise.all(['index.html', ...named].map(async path => (await stat(new URL(`${path}.gz`, DIST))).size))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  assert.ok(total <= FIRST_LOAD_MAX, `${total} bytes`)
})

test('nothing is written into the page that its content policy forbids', async () => {
  const page = await readFile(new URL('index.html', DIST), 'utf8')
  assert.doesNotMatch(page, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/)
})

test('nothing is painted before the theme is set', async () => {
  const page = await readFile(new URL('index.html', DIST), 'utf8')
  assert.match(page.slice(0, page.indexOf('</head>')), /<script type="module" blocking="render" [^>]*src=/)
})
