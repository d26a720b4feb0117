import { isSafe } from '../http/methods.js'
import { withoutTrailingSlash } from '../http/uri-reference.js'
import { quoted } from '../util/identifier.js'
import type { Problem } from '../util/problem.js'
import type { CanonicalRoute, GetRoute } from './canonical-routes.js'
import type { DeclaredRoute } from './declared-route.js'
import { exampleName } from './example-name.js'
import { similarKey } from './propose-params.js'
import type { Resource } from './resource.js'
import { propertiesOf, propertyIn } from './response-schema.js'
import { isOptional, lastRequired, parameterText, parsePattern, WILDCARD } from './url-pattern.js'
import type { UrlSource, UrlTemplate } from './url-template.js'

/** What is wrong with resources and their canonical routes at boot, and how to fix it. */

/** What the messages say about the route that needs a canonical route. */
type RequestingRoute = Pick<DeclaredRoute, 'name' | 'methods' | 'url' | 'parameters' | 'resource'>

/** Why a route has no canonical route, or several. */
export function canonicalRouteProblem (
  route: RequestingRoute,
  resource: Resource<unknown>,
  nearest: readonly CanonicalRoute[],
  getRoutes: readonly GetRoute[]
): Problem | undefined {
  if (nearest.length === 1) return undefined
  if (nearest.length === 0) return proposeCanonicalRoute(route, resource, getRoutes)
  const descriptor = descriptorFor(nearest[0].url)
  const nearer = isAtRoute(resource, route) ? `declare ${route.name}` : 'call urlFor()'
  return {
    found: `${nearest.length} canonical routes of it are equally near: ${namesOf(nearest).join(' and ')}`,
    fix: `keep one, and write config: { resource: ${descriptor}, created: { canonical: false } } on the others; ` +
      `on a list, leave config.resource off; or ${nearer} in the scope of the one that you mean`
  }
}

function proposeCanonicalRoute (
  route: RequestingRoute,
  resource: Resource<unknown>,
  getRoutes: readonly GetRoute[]
): Problem {
  const descriptor = descriptorFor(route.url)
  const found = 'no GET route has the same resource'
  const once = 'call resource() once, and give both routes the same value, because each call makes another resource'
  const declared = getRoutes.find((other) => other.resource === resource)
  if (declared !== undefined) {
    return {
      found: `GET ${declared.url} has the same resource, but also created: { canonical: false }`,
      fix: 'remove canonical: false there'
    }
  }
  if (!isAtRoute(resource, route)) return { found, fix: `add config: { resource } to the GET route of it, and ${once}` }
  const candidates = getRoutes.filter(({ url }) => mayBeCanonical(url, route))
  const other = candidates.find((candidate) => candidate.isCanonical)
  if (other !== undefined) return { found: `GET ${other.url} is the canonical route of another resource`, fix: once }
  if (candidates.length > 0) {
    return { found, fix: `add config: { resource: ${descriptor} } to ${namesOf(candidates).join(' or ')}` }
  }
  return {
    found: `${found} (routes declared before the plugin was loaded, or outside its scope, are not known)`,
    fix: `app.get('${canonicalUrlFor(resource, route)}', { config: { resource: ${descriptor} } }, handler)`
  }
}

function descriptorFor (url: string): string {
  return `${exampleName(url)}Resource`
}

function namesOf (getRoutes: ReadonlyArray<{ url: string }>): string[] {
  return getRoutes.map(({ url }) => `GET ${url}`)
}

/** Whether the URL of a route tells where a resource may be. */
function isAtRoute (resource: Resource<unknown>, { methods, resource: own }: RequestingRoute): boolean {
  return own === undefined ? !methods.every(isSafe) : own === resource
}

/** Whether a GET route may be canonical for what a route creates below its URL, or changes at its URL. */
function mayBeCanonical (candidate: string, { methods, url }: RequestingRoute): boolean {
  const collection = `${withoutTrailingSlash(url)}/`
  const isMember = candidate.startsWith(collection) && /^[:*][^/]*\/?$/.test(candidate.slice(collection.length))
  return (isMember && methods.includes('POST')) || (candidate === url && methods.some((method) => method !== 'POST'))
}

function canonicalUrlFor ({ params }: Resource<unknown>, { methods, url, parameters }: RequestingRoute): string {
  if (!methods.includes('POST')) return url
  const name = Object.keys(params).find((name) => !parameters.includes(name)) ?? 'id'
  return `${withoutTrailingSlash(url)}/${name === WILDCARD ? '' : ':'}${name}`
}

/** Why the parameters that a resource names do not fit the URL of its canonical route. */
export function paramNamesProblem (url: string, resource: Resource<unknown>): Problem | undefined {
  const named = Object.keys(resource.params)
  if (named.length === 0) return undefined
  const names = parsePattern(url).parameters
  const unknown = named.find((name) => !names.includes(name))
  if (unknown === undefined) return undefined
  const found = `resource({ params }) fills "${unknown}", and GET ${url} has ${
    names.length === 0 ? 'no parameters' : `only ${list(names)}`}`
  const unfilled = names.filter((name) => !named.includes(name))
  const meant = similarKey(unknown, unfilled, true) ?? unfilled.at(-1)
  if (meant === undefined) return { found, fix: `remove "${unknown}" from params` }
  const filler = resource.params[unknown]
  return { found, fix: paramsWith(meant, exampleName(url), typeof filler === 'string' ? filler : undefined) }
}

/** Why a list cannot be the canonical route of what is created in it. */
export function listProblem ({ methods, url }: RequestingRoute, canonicalRoute: CanonicalRoute): Problem | undefined {
  const isList = methods.includes('POST') && canonicalRoute.url === url && !/[:*][^/:*]*\/?$/.test(url)
  return isList
    ? {
        found: `GET ${url}, which is the collection, has the resource of its members`,
        fix: `remove config.resource from GET ${url}, and add it to the GET route of one ${exampleName(url)}`
      }
    : undefined
}

/** Why no URL can be made, at its canonical route, of what a route creates. */
export function unfilledProblem (
  { canonicalRoute, inherited }: UrlTemplate,
  { schema, sharedSchemas }: UrlSource
): Problem | undefined {
  const { url, pattern, resource } = canonicalRoute
  const name = pattern.parameters.find((name) =>
    !(name in resource.params) && !inherited.has(name) &&
    (name === WILDCARD || (propertyIn(schema, name, sharedSchemas) === 'not-guaranteed' && !isOptional(pattern, name))))
  if (name === undefined) return undefined

  const found = `nothing fills ${parameterText(name)} in ${url}`
  if (name === WILDCARD) return { found, fix: paramsWith(name, exampleName(url)) }
  const properties = propertiesOf(schema, sharedSchemas)
  if (properties.includes(name)) {
    return {
      found: `${found}: the response schema has ${name}, but not as a required string or number`,
      fix: `make ${name} a required string or number in the response schema, or ${paramsWith(name, exampleName(url))}`
    }
  }
  const usable = properties.filter((property) => propertyIn(schema, property, sharedSchemas) === 'guaranteed')
  return {
    found: `${found}: the response schema has ${list(properties)}`,
    fix: paramsWith(name, exampleName(url), similarKey(name, usable, name === lastRequired(pattern)))
  }
}

function paramsWith (name: string, record: string, property?: string): string {
  const filler = property === undefined ? `(${record}) => …` : `'${property}'`
  return `resource({ params: { ${quoted(name)}: ${filler} }, … })`
}

function list (names: readonly string[]): string {
  return names.length === 0 ? 'no properties' : names.join(', ')
}
