import type { Unaddressable } from '../resource/url-template.js'
import type { Answer } from './reply-draft.js'
import { isUnwritable } from '../rules/exchange.js'
import { publicAddress, refuseReference } from '../http/uri-reference.js'
import { disowned } from '../util/promise.js'
import type { Resource } from '../resource/resource.js'
import { show } from '../util/format-value.js'

/**
 * Where a 201 says that the new resource is: as its init gives it, else as the resource makes it.
 * @returns `undefined` where it is refused, and that is not enforced
 */
export function createdLocation (answer: Answer): string | undefined {
  if (isGiven(answer.given.location)) return givenLocation(answer, 201, answer.given.location)
  if (answer.resource !== undefined) return madeLocation(answer, 201, answer.resource)
  answer.judge('ofMethod', 201, undefined)
  reportNoLocation(answer)
  return undefined
}

function reportNoLocation (answer: Answer): void {
  const { location, ...rest } = answer.given
  const given = location === undefined ? `only ${Object.keys(rest).join(', ') || 'a body'}` : `it is ${show(location)}`
  answer.report('created-location', { found: `created() was given no location (${given}), and ${whyNoResource(answer)}`, always: 'error' })
}

function whyNoResource (answer: Answer): string {
  return answer.route.isSeen || answer.request.is404
    ? 'the route has no resource: give { location, etag }, or declare config: { resource }'
    : 'what the route declares is not seen, because it was declared earlier than fastify-created was loaded: await app.register(created) before it'
}

/**
 * The same of what a helper was given as `name`, on any status.
 * @param instead what was given where `given` was not
 */
export function announcedLocation (answer: Answer, status: number, given: unknown, name: string, instead?: unknown): string | undefined {
  if (isGiven(given)) return givenLocation(answer, status, given)
  if (answer.resource !== undefined) return madeLocation(answer, status, answer.resource)
  answer.report('helper-argument', `${name} is ${show(given ?? instead)}: it must be an address, or { resource } given that makes one${answer.route.isSeen ? '' : `; ${whyNoResource(answer)}`}`)
  return undefined
}

function isGiven (location: unknown): boolean {
  return location !== undefined && location !== null
}

function givenLocation (answer: Answer, status: number, given: unknown): string | undefined {
  const { request, route: { addresses, settings: { server } } } = answer
  // Most are given like this, and it keeps all rules of addresses. But PUT must name its target, and no member of it.
  if (typeof given === 'string' && request.method !== 'PUT' && addresses.isMember(given)) {
    const location = publicAddress(given, server)
    answer.judge('ofMethod', status, location)
    return location
  }
  const reference = given instanceof URL ? given.href : given
  const isRefused = refuseReference(disowned(reference)) !== undefined
  const location = isRefused ? reference : publicAddress(reference as string, server)
  answer.judge('ofAddress', status, location)
  return typeof location === 'string' && !isUnwritable(location) ? location : undefined
}

function madeLocation (answer: Answer, status: number, resource: Resource<unknown>): string | undefined {
  const { addresses, settings: { server, enforcement } } = answer.route
  const made = addresses.of(resource, answer.value, answer.request.params)
  if ('refusal' in made) {
    answer.judge('ofMethod', status, undefined)
    reportUnaddressable(answer, made)
    return undefined
  }
  const location = publicAddress(made.path, server)
  // What the boot has proved is not proved again in production.
  // But only the answer to a PUT tells whether its value is the one that the target names.
  const isProved = (made.isSure || enforcement === 'log') && answer.request.method !== 'PUT'
  answer.judge(isProved ? 'ofMethod' : 'ofAddress', status, location, made)
  return location
}

function reportUnaddressable (answer: Answer, { refusal, rule, isOfRequest }: Unaddressable): void {
  answer.report(rule, isOfRequest === true ? { found: refusal, atMost: 'warn' } : { found: refusal, always: 'error' })
}
