import type { Rule } from './rule.js'

/** Rules about resources and their canonical routes. */

export const resourceRoute = {
  id: 'resource-route',
  stages: ['boot', 'call'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'a route with a resource needs exactly one nearest canonical route, ' +
    'which is a GET route with the same resource',
  fix: "app.get('/users/:id', { config: { resource: userResource } }, handler)"
} as const satisfies Rule

export const resourceParams = {
  id: 'resource-params',
  stages: ['boot', 'call'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'every parameter in the URL of a canonical route must be filled by the value, ' +
    'by params of its resource, or by the URL of the creating route',
  fix: "resource({ params: { userId: 'id' }, … })"
} as const satisfies Rule

export const resourceMoved = {
  id: 'resource-moved',
  stages: ['call'],
  recommended: 'warn',
  strict: 'warn',
  spec: 'RFC 9110 sections 8.7 and 15.4',
  requires: 'a 2xx to PUT or PATCH whose value has another URL than the target must say so in Content-Location; ' +
    'or the response must be 301 or 303',
  fix: "reply.header('content-location', request.urlFor(userResource, user))"
} as const satisfies Rule
