// The recovery tests are put to the proof: each bug that is planted on purpose in what clients follow is found.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const RECOVERY = fileURLToPath(new URL('recovery.test.js', import.meta.url))

/** The bug, the test that finds it, and what that test says then. */
const found = [
  {
    bug: 'dropped_packet', why: /up to the gap there is none/,
    name: 'a client that reads too slowly is told to fetch again, and goes on from there',
  },
  { bug: 'stale_cursor', why: /waited in vain/, name: 'the position of the answer is as good as that of an update' },
]

/** Runs one of the recovery tests with a bug or without. @param {string} name @param {string} [bug] */
async function run(name, bug) {
  // A runner that is told it runs below another one reports to it in a way of their own.
  const { NODE_TEST_CONTEXT: _, SWITCHBOARD_PLANT: __, ...env } = process.env
  const words = ['--test', '--test-reporter=tap', `--test-name-pattern=^${name}$`, RECOVERY]
  const child = spawn(process.execPath, words, {
    env: { ...env, ...(bug && { SWITCHBOARD_PLANT: bug }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text) => { said += text })
  const [code] = await once(child, 'close')
  return { code, said }
}

for (const { bug, name, why } of found) {
  test(`\`${bug}\` is found`, { timeout: 120_000 }, async () => {
    const without = await run(name)
    assert.equal(without.code, 0, without.said)
    assert.match(without.said, /^# pass 1$/m, 'there is such a test')
    const planted = await run(name, bug)
    assert.equal(planted.code, 1, `\`${bug}\` was planted and is not found:\n${planted.said}`)
    assert.match(planted.said, why)
  })
}
