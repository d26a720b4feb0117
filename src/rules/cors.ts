import { fieldNames } from '../http/header-fields.js'
import type { Server } from '../http/uri-reference.js'
import type { Exchange } from './exchange.js'
import type { Rule } from './rule.js'
import { isOwnHost } from './target.js'

/** Rules about CORS. */

export const corsExpose = {
  id: 'cors-expose',
  stages: ['response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'Fetch standard, CORS-safelisted response-header name',
  requires: 'a 201, and a response of a canonical route, must expose Location and ETag to scripts of other origins',
  fix: "app.register(fastifyCors, { exposedHeaders: ['Location', 'ETag'] })",
  appliesTo: (_method, status, { isCanonical }) =>
    status === 201 || (isCanonical && (status === 200 || status === 304)),
  check: (exchange, { settings: { server } }) => {
    const hidden = hiddenFields(exchange, server)
    if (hidden.length === 0) return undefined
    return { found: `Access-Control-Expose-Headers does not have ${hidden.join(' and ')}` }
  }
} as const satisfies Rule

/** Which of Location and ETag a script of another origin cannot read. */
function hiddenFields (exchange: Exchange, server: Server): string[] {
  const origin = exchange.requestHeader('origin')
  if (origin === undefined || origin === server.origin || isOwnHost(origin, exchange)) return []
  if (exchange.responseHeader('access-control-allow-origin') === undefined) return []
  const exposed = fieldNames(exchange.responseHeader('access-control-expose-headers'))
  // With credentials the asterisk is a name like any other.
  if (exposed.includes('*') && exchange.responseHeader('access-control-allow-credentials') !== 'true') return []
  const { location, etag } = exchange
  const present = [...location === undefined ? [] : ['Location'], ...etag === undefined ? [] : ['ETag']]
  return present.filter((name) => !exposed.includes(name.toLowerCase()))
}
