import { RULES, type Rule } from '../src/rules/index.js'

/** The text of docs/rules.md. */
export function rulesPage (): string {
  return `# The rules

<!-- Written by \`npm run docs\` from src/rules.ts. A test holds the two together. -->

Every rule has a severity in each profile. \`off\` does nothing, \`warn\` logs, and \`error\` does what the option
\`enforcement\` says: \`throw\` answers 500 with \`FST_CREATED_VIOLATION\`, \`log\` logs and lets the response go.
A rule is checked as early as it can be known: at \`boot\`, at the \`call\` of a helper, and on the \`response\` that
leaves the server. What a helper has proved is not checked again, unless it has changed since. In \`log\` headers
that CORS hides, and an ETag or a Location where one should not be, are looked for in the first 100 answers of each kind, then in one
of 16. At boot \`created-method\` warns at most; \`resource-home\`, \`resource-params\` and \`late-route\` as errors stop the boot,
whatever the enforcement. A call of \`created()\` without a
\`location\` or an \`etag\` is an error whatever the severity; \`etag: null\` says that there is none.

Change a severity for the whole app or for one route:

\`\`\`js
await app.register(created, { rules: { 'created-etag': 'error' } })

app.post('/legacy', { config: { created: { rules: { 'created-location': 'warn' } } } }, handler)
\`\`\`

| rule | stage | recommended | strict | says | source |
|---|---|---|---|---|---|
${(RULES as readonly Rule[]).map(row).join('\n')}

Exchanges of the tus and resumable-upload protocols (a header \`Tus-Resumable\` or \`Upload-*\`) are exempt from all of
them. A route that declares \`config: { created: false }\` is exempt from what is checked on the response.
`
}

function row ({ id, stages, recommended, strict, says, spec }: Rule): string {
  return `| \`${id}\` | ${stages.join(', ')} | ${recommended} | ${strict} | ${says} | ${spec} |`
}
