import type { AddressTemplate } from '../resource/url-template.js'
import { isSafe, neverCreates } from '../http/methods.js'
import type { Resource } from '../resource/resource.js'
import { propertyIn } from '../resource/response-schema.js'
import type { GuardedRoute } from '../rules/checked-route.js'

/** What a route does, as its documentation needs it. */
export interface RoutePart {
  /** Upper case. */
  methods: readonly string[]
  /** GET here answers for a resource. */
  isHome: boolean
  /** It updates something that has a version, so preconditions count; of a collection, too, where the route requires one. */
  isUpdate: boolean
  requiresPrecondition: boolean
  /** What it writes comes back as the client prefers (RFC 7240). */
  heedsPrefer: boolean
  /** Its 200 or 201 carries an ETag: not that of a PUT where the rule `put-validator` is on, and the route is not verbatim. */
  carriesValidator: boolean
  /**
   * From its 201 to the home of what it creates; the parameters are OpenAPI runtime expressions, `$response.body#/id`.
   * Absent where there is no operationId, the home is hidden, or a parameter can be read from neither the answer nor
   * the path of the request.
   */
  link?: Link
}

export interface Link { operationId: string, parameters: Record<string, string> }

export function partOf (route: GuardedRoute): RoutePart {
  const { declaration: { methods, resource }, isHome } = route
  const isCreating = !methods.every(neverCreates)
  return {
    methods,
    isHome,
    isUpdate: methods.some((method) => route.asksPreconditions(method) || route.requiresPrecondition(method)),
    requiresPrecondition: methods.some((method) => route.requiresPrecondition(method)),
    heedsPrefer: route.settings.prefer && !methods.every(isSafe),
    carriesValidator: methods.some((method) => route.mayCarryValidators(method)),
    link: isCreating && resource !== undefined ? linkTo(route, resource) : undefined
  }
}

/** An OpenAPI link: how a client that has the answer calls the home. */
function linkTo ({ addresses }: GuardedRoute, resource: Resource<unknown>): Link | undefined {
  const template = addresses.template(resource)
  if ('refusal' in template || template.home.operationId === undefined) return undefined
  const { schema, sharedSchemas } = addresses.maker(resource)
  const isInAnswer = (property: string) => propertyIn(schema, property, sharedSchemas) !== 'unfit'
  const parameters: Record<string, string> = {}
  for (const name of template.home.pattern.parameters) {
    const expression = expressionFor(template, name, isInAnswer)
    if (expression === undefined) return undefined
    parameters[name] = expression
  }
  return { operationId: template.home.operationId, parameters }
}

function expressionFor ({ home: { resource }, inherited }: AddressTemplate, name: string, isInAnswer: (property: string) => boolean): string | undefined {
  if (inherited.has(name)) return `$request.path.${name}`
  const filler = resource.params[name] ?? name
  // RFC 6901 section 3
  return typeof filler === 'string' && isInAnswer(filler) ? `$response.body#/${filler.replaceAll('~', '~0').replaceAll('/', '~1')}` : undefined
}
