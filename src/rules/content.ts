import type { Rule } from './rule.js'

/** Rules about what a response contains, or points at. */

export const acceptedMonitor = {
  id: 'accepted-monitor',
  stages: ['response'],
  recommended: 'off',
  strict: 'warn',
  spec: 'RFC 9110 section 15.3.3',
  requires: 'a 202 must point at a status monitor',
  // eslint-disable-next-line no-template-curly-in-string -- code in a message
  fix: 'return reply.accepted(job, { location: `/jobs/${job.id}` })',
  appliesTo: (_method, status) => status === 202,
  check: (exchange) => {
    if (exchange.location !== undefined || exchange.responseHeader('content-location') !== undefined) return undefined
    const links = String(exchange.responseHeader('link'))
    const hasMonitor = /\brel=(?:"[^"]*\b(?:monitor|status)\b|(?:monitor|status)\b)/i.test(links)
    return hasMonitor ? undefined : { found: 'the 202 has neither a Location nor a Link to a monitor' }
  }
} as const satisfies Rule

export const contentForbidden = {
  id: 'content-forbidden',
  stages: ['response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5',
  requires: '204, 205 and 304 must have no content',
  fix: 'return reply.noContent(), or respond 200 with the body',
  appliesTo: (method, status) => method !== 'HEAD' && (status === 204 || status === 205 || status === 304),
  check: ({ status, hasContent }) => hasContent === true ? { found: `the ${status} has a body` } : undefined
} as const satisfies Rule
