import { isSafe, neverCreates } from '../http/methods.js'
import type { Resource } from '../resource/resource.js'
import { propertyIn } from '../resource/response-schema.js'
import type { UrlTemplate } from '../resource/url-template.js'
import type { CheckedRoute } from '../rules/checked-route.js'

/** What a route does, as its documentation needs it. */
export interface Operation {
  /** In upper case. */
  methods: readonly string[]
  isCanonical: boolean
  /** Whether it evaluates preconditions, because it updates something with a version, or requires one. */
  isConditional: boolean
  requiresPrecondition: boolean
  honorsPrefer: boolean
  /** Whether its 200 or 201 has an ETag. */
  hasEtag: boolean
  /** From its 201 to the canonical route. */
  link?: Link | undefined
}

/** An OpenAPI link: its parameters are runtime expressions, such as `$response.body#/id`. */
export interface Link { operationId: string, parameters: Record<string, string> }

export function operationOf (route: CheckedRoute): Operation {
  const { declared: { methods, resource }, isCanonical, reporter, settings } = route
  const requiresPrecondition = methods.some((method) => route.requiresPrecondition(method))
  return {
    methods,
    isCanonical,
    isConditional: requiresPrecondition || methods.some((method) => route.assertsPreconditions(method)),
    requiresPrecondition,
    honorsPrefer: settings.prefer && !methods.every(isSafe),
    hasEtag: reporter.isOff('put-etag') || methods.some((method) => method !== 'PUT'),
    link: resource !== undefined && !methods.every(neverCreates) ? linkTo(route, resource) : undefined
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
