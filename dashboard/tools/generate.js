// `npm run generate`: writes what is made from the API's description and from the published samples.
import { writeFile } from 'node:fs/promises'
import { CHECKED, checked } from './samples.js'
import { TYPES, types } from './schema.js'

await writeFile(TYPES, await types())
await writeFile(CHECKED, await checked())
