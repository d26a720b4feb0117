import { SAMPLE_SCENARIO } from './probe/scenario-file.js'

const COMMON_OPTIONS = `  --format <format>     text, json, sarif or junit. Default: text
  --profile <profile>   recommended or strict. Default: recommended
  --timeout <seconds>   how long the app may take to load, and to close. Default: 30
  -h, --help            show this text
  -v, --version         show the version of fastify-created`

const EXIT_STATUSES = 'Exit status: 0 no findings, 1 findings, 2 the command could not run.'

const GENERAL_HELP = `fastify-created checks that an app's "201 Created" responses are correct.

  npx fastify-created lint app.js                   lists all routes, and reports mistakes in their declarations
  npx fastify-created probe app.js --allow-writes   creates, updates and deletes records, and checks the responses

  npx fastify-created lint --help
  npx fastify-created probe --help
  npx fastify-created --version

${EXIT_STATUSES}
`

const LINT_HELP = `npx fastify-created lint <file> [options]

Boots the app without listening, lists each route with its role and source line, and reports mistakes. It also works on
apps that don't use the plugin. The file must export, as its default or as "app", a Fastify instance, a function that
returns one, or a plugin.

${COMMON_OPTIONS}

Examples:
  npx fastify-created lint src/app.js
  npx fastify-created lint src/app.js --profile strict
  npx fastify-created lint src/app.js --format sarif > created.sarif
  NODE_OPTIONS="--import tsx" npx fastify-created lint src/app.ts

${EXIT_STATUSES}
`

const PROBE_HELP = `npx fastify-created probe <file or URL> --allow-writes [options]

Tests an app or a running server over HTTP: creates a record, follows Location, updates with a current and a stale ETag,
sends simultaneous updates, and deletes. For a file, the request bodies come from the examples in the schemas of its
routes. For a URL, they come from --scenario.

  --allow-writes        required: probe writes real data to whatever the app is connected to
  --allow-remote        required if the URL is not on this machine
  --scenario <file>     JSON: one scenario, or a list of them. Default: derived from the app
  --header <line>       'name: value', sent with every request. Can be repeated
${COMMON_OPTIONS}

Examples:
  npx fastify-created probe src/app.js --allow-writes
  npx fastify-created probe http://127.0.0.1:3000 --scenario users.json --allow-writes

A scenario. {{n}} becomes a new number in each request, and {{uuid}} a new UUID:
${SAMPLE_SCENARIO}

${EXIT_STATUSES}
`

export function helpText (topic?: 'lint' | 'probe'): string {
  if (topic === undefined) return GENERAL_HELP
  return topic === 'lint' ? LINT_HELP : PROBE_HELP
}
