import type { AddressMaker, AddressTemplate } from './url-template.js'
import type { Declaration } from './declared-route.js'
import type { GetRoute } from './get-routes.js'
import type { Home } from './canonical-routes.js'
import { withoutSlash } from '../http/uri-reference.js'
import { isSafe } from '../http/methods.js'
import type { Resource } from './resource.js'
import { propertiesOf, propertyIn } from './response-schema.js'
import { isOptional, parsePattern, WILDCARD } from './url-pattern.js'

/** What the messages say of the route that needs a home. */
export type Asking = Pick<Declaration, 'name' | 'methods' | 'url' | 'parameters' | 'resource'>

/** Why a route has no home, or no single one, and how to mend it. */
export function refuseHomes (route: Asking, resource: Resource<unknown>, homes: readonly Home[], getRoutes: readonly GetRoute[]): string | undefined {
  if (homes.length === 1) return undefined
  if (homes.length === 0) return `${subject(route, resource)} no GET route is its home. ${proposeHome(route, resource, getRoutes)}`
  const urls = homes.map(({ url }) => `GET ${url}`).join(' and ')
  const nearer = livesHere(resource, route) ? `declare ${route.name} in the same scope as its own home` : 'ask in the scope of the one that is meant'
  return `${subject(route, resource)} ${homes.length} homes of it are equally near: ${urls}. Keep one of them, and say config: { created: { home: false } } on the others (a list is no home: leave the resource off there); or ${nearer}`
}

function subject (route: Asking, resource: Resource<unknown>): string {
  if (route.resource === resource) return `${route.name} has a resource, and`
  return livesHere(resource, route) ? `${route.name} was given a resource, and` : 'An address was asked for of a resource, and'
}

function proposeHome (route: Asking, resource: Resource<unknown>, getRoutes: readonly GetRoute[]): string {
  const given = getRoutes.find((route) => route.resource === resource)
  if (given !== undefined) return `GET ${given.url} has the same resource, but says created: { home: false }: leave that out`
  if (!livesHere(resource, route)) return 'Add config: { resource } to the GET route that answers for it, with the very same resource: each call of resource() makes a new one'
  const candidates = getRoutes.filter(({ url }) => couldBeHome(url, route))
  const other = candidates.find((route) => route.isHome)
  if (other !== undefined) return `GET ${other.url} is the home of another resource: each call of resource() makes a new one, so call it once and give both routes the same`
  if (candidates.length > 0) return `Is it ${candidates.map((route) => `GET ${route.url}`).join(' or ')}? Then add the same config: { resource } there`
  return `Declare one: app.get('${homeFor(resource, route)}', { config: { resource } }, handler). A route that is declared before this plugin is loaded, or outside of the scope where it is registered, is not seen`
}

/** Whether the URL of a route tells where a resource could be: of another one, it only gives the address. */
function livesHere (resource: Resource<unknown>, { methods, resource: own }: Asking): boolean {
  return own === undefined ? !methods.every(isSafe) : own === resource
}

/** Whether a GET route could answer for what a route creates below its URL, or for what it changes there. */
function couldBeHome (candidate: string, { methods, url }: Asking): boolean {
  const collection = `${withoutSlash(url)}/`
  const isMember = candidate.startsWith(collection) && /^[:*][^/]*\/?$/.test(candidate.slice(collection.length))
  return (isMember && methods.includes('POST')) || (candidate === url && methods.some((method) => method !== 'POST'))
}

function homeFor ({ params }: Resource<unknown>, { methods, url, parameters }: Asking): string {
  if (!methods.includes('POST')) return url
  const name = Object.keys(params).find((name) => !parameters.includes(name)) ?? 'id'
  return `${withoutSlash(url)}/${name === WILDCARD ? '' : ':'}${name}`
}

/** Why the parameters of a resource do not fit its home, and how to mend it. */
export function refuseNames (url: string, resource: Resource<unknown>): string | undefined {
  const named = Object.keys(resource.params)
  if (named.length === 0) return undefined
  const names = parsePattern(url).parameters
  const unknown = named.find((name) => !names.includes(name))
  if (unknown === undefined) return undefined
  return `resource({ params }) fills "${unknown}", but GET ${url}, which is a home of it, has ${names.length === 0 ? 'no parameters' : `only ${list(names)}`}: name the parameter as the URL does`
}

/** Why a home cannot be where a route creates. */
export function refuseList ({ name, methods, url }: Asking, home: Home): string | undefined {
  const isList = methods.includes('POST') && home.url === url && !/[:*][^/]*\/?$/.test(url)
  return isList ? `GET ${url} is the home of what ${name} creates there, but a collection is no home of its members: leave config.resource off a list, and put it on the GET route of one of them` : undefined
}

/** Why no address can be made at its home of what a route creates, and how to mend it. */
export function refuseUnfilled (route: string, { home: { url, pattern, resource }, inherited }: AddressTemplate, { schema, sharedSchemas }: AddressMaker): string | undefined {
  const name = pattern.parameters.find((name) =>
    !(name in resource.params) && !inherited.has(name) &&
    (name === WILDCARD || (propertyIn(schema, name, sharedSchemas) === 'unfit' && !isOptional(pattern, name))))
  if (name === undefined) return undefined

  const properties = propertiesOf(schema, sharedSchemas)
  const filled = `${route} gives addresses of GET ${url}, but nothing fills the parameter "${name}": resource({ params }) does not name it, and`
  if (name === WILDCARD) return `${filled} a wildcard has no property of its name. Say what fills it: ${paramsWith(name)}`
  if (properties.includes(name)) {
    return `${filled} its response schema has "${name}", but not as a property that is required and a string or a number. Make it so; or say what fills it: ${paramsWith(name)}`
  }
  const alike = properties.find((property) => name.toLowerCase().endsWith(property.toLowerCase()) && propertyIn(schema, property, sharedSchemas) === 'required-text')
  return `${filled} its response schema has no property "${name}" (it has ${list(properties)}). Say what fills it: ${paramsWith(name, alike)}; or leave the resource off a route that answers with something else`
}

function paramsWith (name: string, property?: string): string {
  return `resource({ params: { ${quoted(name)}: ${property === undefined ? '(value) => …' : `'${property}'`} }, … })`
}

function list (names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ')
}

function quoted (name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`
}
