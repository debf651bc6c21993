// What is generated and checked in is what would be generated now, and describes what is really said.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { fits, names } from '../e2e/harness/schemas.js'
import { CHECKED, checked, samples } from './samples.js'
import { DOCUMENT, TYPES, types } from './schema.js'

const STALE = 'run `npm run generate`'

/** What is wrong with a description. @param {string} source */
async function faults(source) {
  const rules = /** @type {const} */ ({ 'operation-operationId-unique': 'error', 'no-unresolved-refs': 'error', 'path-parameters-defined': 'error' })
  const config = await createConfig({ extends: ['spec'], rules })
  return (await lintFromString({ source, absoluteRef: 'openapi.json', config })).map(({ message }) => message)
}

test('the description is valid OpenAPI', async () => {
  const source = await readFile(DOCUMENT, 'utf8')
  assert.deepEqual(await faults(source), [])
  assert.notDeepEqual(await faults(source.replace('"getCalls"', '"getCall"')), [], 'faults are not found at all')
})

test('the types are those of the description', async () => {
  assert.ok((await readFile(TYPES, 'utf8')) === (await types()), STALE)
})

test('every published sample is checked against its type', async () => {
  assert.ok((await readFile(CHECKED, 'utf8')) === (await checked()), STALE)
})

test('every published sample fits its description', async () => {
  for (const { name, schema, message } of await samples()) {
    if (schema === 'Older') continue
    assert.doesNotThrow(() => fits(/** @type {any} */ (schema), message), name)
  }
})

test('what does not fit is found', () => {
  assert.throws(() => fits('Flag', { rule: 'short_call' }))
  assert.throws(() => fits('Moment', 'yesterday'))
  assert.throws(() => fits('CallStatus', 'ringing'))
})

test('every message that is described has a published sample', async () => {
  const parts = [
    'AgentState', 'CallStatus', 'CallType', 'EndReason', 'EventType', 'Flag', 'Issue', 'Metadata', 'Moment', 'Presence', 'Promised', 'Role', 'Seconds',
    'AgentFigures', 'AgentMetrics', 'CallsNow', 'FigureFormula', 'Figures', 'IntervalFigures', 'QueueFigures', 'QueueMetrics', 'ServiceLevelFormula',
    'TotalFigures', 'TotalMetrics', 'WaitPercentiles',
  ]
  // Answered by POST /api/events/validate; its type is not shared.
  const without = [...parts, 'Understood']
  const sampled = new Set((await samples()).map(({ schema }) => schema))
  assert.deepEqual(names.filter((name) => !without.includes(name) && !sampled.has(name)), [])
})
