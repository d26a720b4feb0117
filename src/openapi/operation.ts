import { isUpdate, needsTarget, neverCreates } from '../http/methods.js'
import type { Resource } from '../resource/resource.js'
import { propertyIn, type SharedSchemas } from '../resource/response-schema.js'
import type { UrlTemplate } from '../resource/url-template.js'
import type { CheckedRoute } from '../rules/checked-route.js'
import { declaresStatus } from './schema.js'

/** What a route does, as its documentation needs it. */
export interface Operation {
  /** In upper case. */
  methods: readonly string[]
  isCanonical: boolean
  /** Whether it evaluates preconditions, because it updates something with a version, or requires one. */
  isConditional: boolean
  requiresPrecondition: boolean
  /** Whether If-Match is the only precondition that it accepts. */
  requiresIfMatch: boolean
  /** Whether each 201 has a Location. */
  requiresLocation: boolean
  /** Whether Prefer changes a response. */
  honorsPrefer: boolean
  /** Whether Prefer makes a 204 of a 200. */
  omitsBody: boolean
  /** Whether its 2xx have an ETag. */
  hasEtag: boolean
  /** Whether its 2xx have a Last-Modified. */
  hasLastModified: boolean
  /** Whether its 201 has a Content-Location. */
  hasContentLocation: boolean
  /** From its 201, or its 202, to the canonical route. */
  link?: Link | undefined
  sharedSchemas: SharedSchemas
}

/** An OpenAPI link: its parameters are runtime expressions, such as `$response.body#/id`. */
export interface Link { operationId: string, parameters: Record<string, string> }

export function operationOf (route: CheckedRoute): Operation {
  const { declared: { methods, resource, schema, scope }, isCanonical, reporter, settings, hasLastModified } = route
  const requiresPrecondition = methods.some((method) => route.requiresPrecondition(method))
  const hasEtag = reporter.isOff('put-etag') || methods.some((method) => method !== 'PUT')
  const creates = !methods.every(neverCreates)
  const omitsBody = settings.prefer && methods.some(isUpdate) && declaresStatus(schema?.response, '200')
  return {
    methods,
    isCanonical,
    isConditional: requiresPrecondition || methods.some((method) => route.assertsPreconditions(method)),
    requiresPrecondition,
    // PUT may create, a POST has another target, and a date counts as well.
    requiresIfMatch: requiresPrecondition && methods.every(needsTarget) && resource !== undefined && !hasLastModified,
    requiresLocation: methods.every((method) => method === 'POST') && reporter.isError('created-location'),
    honorsPrefer: omitsBody || (settings.prefer && creates && declaresStatus(schema?.response, '201')),
    omitsBody,
    hasEtag,
    hasLastModified: hasEtag && hasLastModified,
    hasContentLocation: settings.contentLocation,
    link: resource !== undefined && creates ? linkTo(route, resource) : undefined,
    sharedSchemas: (id) => scope.getSchema(id)
  }
}

/**
 * @returns `undefined` if the canonical route has no operationId or is hidden, or a parameter is neither in the
 *   response nor in the path of the request
 */
function linkTo ({ urls }: CheckedRoute, resource: Resource<unknown>): Link | undefined {
  const template = urls.template(resource)
  if ('rule' in template || template.canonicalRoute.operationId === undefined) return undefined
  const { schema, sharedSchemas } = urls.sourceFor(resource)
  const isInResponse = (property: string) => propertyIn(schema, property, sharedSchemas) !== 'not-guaranteed'
  const parameters: Record<string, string> = {}
  for (const name of template.canonicalRoute.pattern.parameters) {
    const expression = expressionFor(template, name, isInResponse)
    if (expression === undefined) return undefined
    parameters[name] = expression
  }
  return { operationId: template.canonicalRoute.operationId, parameters }
}

function expressionFor (
  { canonicalRoute: { resource }, inherited }: UrlTemplate, name: string, isInResponse: (property: string) => boolean
): string | undefined {
  if (inherited.has(name)) return `$request.path.${name}`
  const filler = resource.params[name] ?? name
  if (typeof filler !== 'string' || !isInResponse(filler)) return undefined
  // RFC 6901 section 3
  return `$response.body#/${filler.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
