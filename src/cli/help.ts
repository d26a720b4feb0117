import { SAMPLE } from './probe/scenario-file.js'

const COMMON = `  --format <format>     text, json, sarif or junit. Default: text
  --profile <profile>   recommended or strict. Default: recommended
  --timeout <seconds>   how long the app may take to load, and to close. Default: 30
  -h, --help            this text
  -v, --version         the version of this package`

const STATUSES = 'Exit status: 0 clean, 1 findings, 2 could not run.'

const GENERAL = `fastify-created: makes "201 Created" true.

  npx fastify-created lint app.js                   what the routes of an app promise, and what is missing
  npx fastify-created probe app.js --allow-writes   creates, reads, updates, deletes, and sees whether it is so

  npx fastify-created lint --help
  npx fastify-created probe --help
  npx fastify-created --version

${STATUSES}
`

const LINT = `npx fastify-created lint <file> [options]

Boots the app that a file exports, without listening, and looks at all of its routes. The file exports a Fastify
instance, a function that builds one, or a plugin, as its default or as "app".

${COMMON}

Examples:
  npx fastify-created lint src/app.js
  npx fastify-created lint src/app.js --profile strict
  npx fastify-created lint src/app.js --format sarif > created.sarif
  NODE_OPTIONS="--import tsx" npx fastify-created lint src/app.ts

${STATUSES}
`

const PROBE = `npx fastify-created probe <file or URL> --allow-writes [options]

Follows the promise of a 201 over HTTP: creates, follows Location, updates with a current and a stale entity-tag, lets
several write at once, and deletes. Of a file, what to send comes from the examples in the schemas of its routes; of a
URL, from --scenario.

  --allow-writes        needed: it writes to whatever the app is connected to
  --allow-remote        needed too where the URL is not on this machine
  --scenario <file>     JSON: one scenario, or a list of them. Default: from the app
  --header <line>       'name: value', sent with every request; may be repeated
${COMMON}

Examples:
  npx fastify-created probe src/app.js --allow-writes
  npx fastify-created probe http://127.0.0.1:3000 --scenario users.json --allow-writes

A scenario, in which {{n}} and {{uuid}} stand for what no earlier request had:
${SAMPLE}

${STATUSES}
`

export function helpFor (about?: 'lint' | 'probe'): string {
  if (about === undefined) return GENERAL
  return about === 'lint' ? LINT : PROBE
}
