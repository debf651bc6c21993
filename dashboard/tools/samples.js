// Every published sample of a message, as TypeScript that compiles only while each has its type.
import { readFile, readdir } from 'node:fs/promises'

export const SAMPLES = new URL('../../crates/contract/samples/', import.meta.url)
export const CHECKED = new URL('../src/api/samples.check.ts', import.meta.url)

/** The samples: the name of each, the schema it has to fit, and what it says. */
export async function samples() {
  const files = (await readdir(SAMPLES)).filter((file) => file.endsWith('.json')).sort()
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -'.json'.length),
      schema: file.slice(0, file.indexOf('.')),
      message: JSON.parse(await readFile(new URL(file, SAMPLES), 'utf8')),
    })),
  )
}

/** The text of `samples.check.ts`, as it should be. `Older` is input that no new client sends. */
export async function checked() {
  const lines = (await samples())
    .filter(({ schema }) => schema !== 'Older')
    .map(({ name, schema, message }) => `  ${JSON.stringify(name)}: ${JSON.stringify(message)} satisfies Schemas['${schema}'],`)
  return [
    '// Written by `npm run generate` from the published samples. Do not edit.',
    "import type { components } from './schema.d.ts'",
    '',
    "type Schemas = components['schemas']",
    '',
    'export const samples = {',
    ...lines,
    '}',
    '',
  ].join('\n')
}
