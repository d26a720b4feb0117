import { isSendableTag } from '../http/entity-tag.js'
import { isRead } from '../http/methods.js'
import { exampleName } from '../resource/example-name.js'
import { formatValue } from '../util/format-value.js'
import { isSuccess, type Rule } from './rule.js'

/** Rules about ETag. */

export const etagSyntax = {
  id: 'etag-syntax',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 8.8.3',
  requires: 'ETag must be one entity-tag in ASCII, quotes included: "7" or W/"7"',
  fix: 'let reply.created(user) or reply.ok(user) set it, or write reply.header(\'etag\', \'"7"\')',
  checkedByHelper: 'etag',
  check: ({ etag }) => etag === undefined || (typeof etag === 'string' && isSendableTag(etag))
    ? undefined
    : { found: `ETag is ${formatValue(etag)}` }
} as const satisfies Rule

export const resourceEtag = {
  id: 'resource-etag',
  stages: ['call', 'response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'RFC 9110 sections 8.8.3 and 15.3.1',
  requires: 'a 200 from a canonical route must have an ETag, ' +
    'and etag() of its resource must return the version of a value, or null if there is none',
  fix: 'reply.ok(user)',
  checkedByHelper: 'etag',
  appliesTo: (method, status, { isCanonical }) => isCanonical && status === 200 && isRead(method),
  check: ({ etag, declaresNoEtag }, { url }) => etag === undefined && !declaresNoEtag
    ? { found: 'the 200 has no ETag', fix: `return reply.ok(${exampleName(url)})` }
    : undefined
} as const satisfies Rule

export const preconditionWeak = {
  id: 'precondition-weak',
  stages: ['response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'RFC 9110 section 13.1.1',
  requires: 'a resource whose updates require If-Match must have strong entity-tags, ' +
    'because If-Match never matches a weak one',
  fix: "use a strong version, or declare created: { precondition: 'optional' } on the update",
  appliesTo: (_method, _status, { updateRequiringIfMatch }) => updateRequiringIfMatch !== undefined,
  check: ({ etag }, { updateRequiringIfMatch }) => {
    if (typeof etag !== 'string' || !etag.startsWith('W/')) return undefined
    const conflict = `${updateRequiringIfMatch} requires If-Match, so updates can never succeed`
    return { found: `the ETag is ${formatValue(etag)}, and ${conflict}` }
  }
} as const satisfies Rule

export const putEtag = {
  id: 'put-etag',
  stages: ['response'],
  recommended: 'off',
  strict: 'off',
  spec: 'RFC 9110 section 9.3.4',
  requires: 'a 2xx to PUT must have no ETag and no Last-Modified, unless the body was stored exactly as it was sent',
  fix: 'reply.upserted(user, { created, etag: null }), with a resource that has no lastModified',
  appliesTo: (method, status) => method === 'PUT' && isSuccess(status),
  check: (exchange) => {
    if (exchange.etag !== undefined) return { found: 'the response has ETag' }
    if (exchange.responseHeader('last-modified') !== undefined) return { found: 'the response has Last-Modified' }
    return undefined
  }
} as const satisfies Rule
