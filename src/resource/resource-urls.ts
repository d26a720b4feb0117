import type { CanonicalRoute, CanonicalRoutes } from './canonical-routes.js'
import { canonicalRouteProblem } from './canonical-problems.js'
import type { DeclaredRoute } from './declared-route.js'
import type { Resource } from './resource.js'
import { responseSchema } from './response-schema.js'
import { inheritedParameters, UrlTemplate, type ResourceUrl, type UrlSource, type UrlProblem } from './url-template.js'

/** The URLs that a route makes: of its own resource, and of others. */
export class ResourceUrls {
  readonly #declared: DeclaredRoute
  readonly #canonicalRoutes: CanonicalRoutes
  readonly #maxParamLength: number
  readonly #templates = new Map<Resource<unknown>, UrlTemplate | UrlProblem>()

  constructor (declared: DeclaredRoute, canonicalRoutes: CanonicalRoutes, maxParamLength: number) {
    this.#declared = declared
    this.#canonicalRoutes = canonicalRoutes
    this.#maxParamLength = maxParamLength
  }

  /** The URL of a value, with the request's parameters for those that are inherited. */
  of (resource: Resource<unknown>, value: unknown, requestParams: unknown): ResourceUrl | UrlProblem {
    const template = this.template(resource)
    return 'rule' in template ? template : template.fill(value, requestParams)
  }

  /** To be called when all routes are declared. */
  template (resource: Resource<unknown>): UrlTemplate | UrlProblem {
    const known = this.#templates.get(resource)
    if (known !== undefined) return known
    const template = this.#makeTemplate(resource)
    this.#templates.set(resource, template)
    return template
  }

  #makeTemplate (resource: Resource<unknown>): UrlTemplate | UrlProblem {
    const route = this.canonicalRoute(resource)
    if ('rule' in route) return route
    return new UrlTemplate(route, inheritedParameters(route, this.sourceFor(resource)), this.#maxParamLength)
  }

  canonicalRoute (resource: Resource<unknown>): CanonicalRoute | UrlProblem {
    const routes = this.#canonicalRoutes.nearest(resource, this.#declared.scope)
    const problem = canonicalRouteProblem(this.#declared, resource, routes, this.#canonicalRoutes.getRoutes)
    return problem === undefined ? routes[0] : { ...problem, rule: 'resource-route' }
  }

  sourceFor (resource: Resource<unknown>): UrlSource {
    const { parameters, schema, resource: own, scope } = this.#declared
    return {
      parameters,
      // The route's response schema says nothing about values of other resources.
      schema: resource === own ? responseSchema(schema, '201', '2xx', '2XX', '202', '200') : undefined,
      sharedSchemas: (id) => scope.getSchema(id)
    }
  }
}
