// The types of the API, written from its description.
import { readFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

export const DOCUMENT = new URL('../src/api/openapi.json', import.meta.url)
export const TYPES = new URL('../src/api/schema.d.ts', import.meta.url)

const HEADER = '// Written by `npm run generate` from openapi.json. Do not edit.\n\n'

/** The text of `schema.d.ts`, as it should be. */
export async function types() {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8'))
  return HEADER + astToString(await openapiTS(document, { immutable: true, alphabetize: true, emptyObjectsUnknown: true }))
}
