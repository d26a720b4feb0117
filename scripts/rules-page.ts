import { RULES } from '../src/rules/index.js'
import type { Rule, Stage } from '../src/rules/rule.js'

const rules: readonly Rule[] = RULES
const STAGES: Record<Stage, string> = { boot: 'startup', request: 'request', call: 'helper call', response: 'response' }

/** The text of docs/reference/rules.md. */
export function rulesPage (): string {
  return `# Rules

<!-- Written by \`npm run docs\` from the rules in src/rules. A test compares them. -->

Every rule has a severity in each profile. \`off\`: it is not checked. \`warn\`: the problem is logged. \`error\`: the
option [\`enforcement\`](options.md) decides. \`'throw'\` sends a 500 with
[\`FST_CREATED_VIOLATION\`](errors.md#fst_created_violation), \`'log'\` logs the problem and sends the response.

A rule is checked as early as possible: at startup, when a request arrives, when a helper is called, or before the
response is sent. What a helper has checked is not checked again, unless it has changed since.

Change a severity for the whole app, or for one route:

\`\`\`js
await app.register(fastifyCreated, { rules: { 'created-etag': 'error' } })

app.post('/legacy', { config: { created: { rules: { 'created-location': 'warn' } } } }, handler)
\`\`\`

| rule | recommended | strict | checked at |
|---|---|---|---|
${rules.map(row).join('\n')}

${rules.map(section).join('\n\n')}

## Special cases

- **Exempt** are routes with \`config: { created: false }\`, and requests of the tus and resumable-upload protocols
  (with a header \`Tus-Resumable\` or \`Upload-*\`).
- **Startup.** \`resource-route\`, \`resource-params\` and \`late-route\` stop the start if they are errors, whatever
  the \`enforcement\`. \`created-method\` is a warning at most.
- **\`created()\` without \`location\` or \`etag\`** is an error, whatever the severity. \`etag: null\` says that
  there is no version.
- **201 to PUT.** \`created-location\` and \`created-etag\` are about POST only: PUT creates at the URL of the request.
- **\`enforcement: 'log'\`.** \`location-resolves\` is not checked.
- **\`location-origin\`.** If \`origin\` is not set, a Location on the request's own \`Host\` is a warning at most.
- **\`precondition-status\`.** A 412 to a request without a precondition is reported in \`strict\` only, as a warning.
- **\`put-content-range\`** as an error sends 400 to the client. It is not a violation. With \`warn\`, it is logged and
  the handler runs.
- **\`put-etag\`** is off in both profiles. Turn it on if you want RFC 9110 section 9.3.4 to the letter.
`
}

function row ({ id, stages, recommended, strict }: Rule): string {
  return `| [\`${id}\`](#${id}) | ${recommended} | ${strict} | ${when(stages)} |`
}

function section ({ id, stages, recommended, strict, spec, requires, fix }: Rule): string {
  const severities = recommended === strict
    ? `\`${strict}\` in both profiles`
    : `\`${recommended}\` in \`recommended\`, \`${strict}\` in \`strict\``
  return `## ${id}

${requires.charAt(0).toUpperCase()}${requires.slice(1)}.

${spec}. Checked at: ${when(stages)}. Severity: ${severities}.

Fix:

\`\`\`text
${fix}
\`\`\``
}

function when (stages: readonly Stage[]): string {
  return stages.map((stage) => STAGES[stage]).join(', ')
}
