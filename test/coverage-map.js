import { readdirSync } from 'node:fs'

const sources = readdirSync('src', { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`)

/** Every test counts for all of src/, but for those of the example server, which runs the built package. */
export default (test) => test.startsWith('test/examples/') ? null : sources
