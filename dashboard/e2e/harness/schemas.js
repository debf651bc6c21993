// Holds what the server says to its own description of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** @typedef {import('../../src/api/schema.d.ts').components['schemas']} Schemas */

const document = JSON.parse(readFileSync(new URL('../../src/api/openapi.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true })
formats.default(ajv)
// Keywords of OpenAPI itself say nothing about what is valid.
for (const keyword of Object.keys(document)) ajv.addKeyword(keyword)
ajv.addSchema(document, 'api')

/** The names of everything that is described. */
export const names = /** @type {(keyof Schemas)[]} */ (Object.keys(document.components.schemas))

/**
 * Something that fits its description, or a failed test.
 *
 * @template {keyof Schemas} Name
 * @param {Name} name
 * @param {unknown} value
 * @returns {Schemas[Name]}
 */
export function fits(name, value) {
  const validate = ajv.getSchema(`api#/components/schemas/${name}`)
  assert.ok(validate, `${name} is not described`)
  const isValid = validate(value)
  assert.ok(isValid, `not a ${name}: ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`)
  return /** @type {Schemas[Name]} */ (value)
}
