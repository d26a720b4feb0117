import type { Rule } from './rule.js'

/** Rules about how this package is called and registered. */

export const REGISTER_FIRST = 'await app.register(fastifyCreated), before the first route'

export const helperArgument = {
  id: 'helper-argument',
  stages: ['call'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 8.8.2 and 10.2.3',
  requires: 'the arguments of a helper must have the right types: ' +
    'the record itself, not a Promise of it; an object of options; valid Dates',
  fix: 'return reply.created(await users.insert(request.body))'
} as const satisfies Rule

export const lateRoute = {
  id: 'late-route',
  stages: ['boot', 'response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'Fastify, plugin lifecycle',
  requires: 'routes must be declared after the plugin has loaded; ' +
    'otherwise their config.resource and config.created are ignored',
  fix: REGISTER_FIRST
} as const satisfies Rule
