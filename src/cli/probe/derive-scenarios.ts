import { randomUUID } from 'node:crypto'
import { withoutTrailingSlash } from '../../http/uri-reference.js'
import type { Profile } from '../../rules/rule.js'
import type { Scenario } from '../../testing/index.js'
import type { AnalyzedRoute } from '../lint/analyze-routes.js'
import { declares201 } from '../lint/route-roles.js'
import type { NamedScenario } from './probe-report.js'
import { bodySchema, RouteExamples, type MissingExample } from './route-examples.js'
import { propertySchema, requiredProperties } from './schema-examples.js'

/** The scenarios of an app, and the examples that are missing for more. */
export interface DerivedScenarios {
  scenarios: NamedScenario[]
  missing: MissingExample[]
}

/** Derives a scenario from each POST route whose resource has a canonical route. */
export function deriveScenarios (routes: readonly AnalyzedRoute[], profile: Profile): DerivedScenarios {
  const known = routes.filter(({ isKnownToPlugin, isExempt }) => isKnownToPlugin && !isExempt)
  const derived: DerivedScenarios = { scenarios: [], missing: [] }
  for (const creating of known) {
    const { methods, resource, url } = creating.route.declared
    if (resource === undefined || !methods.includes('POST')) continue
    const canonicalRoute = creating.route.urls.canonicalRoute(resource)
    if ('rule' in canonicalRoute) continue
    const members = known.filter(({ route }) => route.resource === resource && route.url === canonicalRoute.url)
    const scenario = new ScenarioBuilder({ creating, members, routes, profile, missing: derived.missing }).build()
    if (scenario === undefined) continue
    derived.scenarios.push({ name: `POST ${url}`, position: creating.observed.position, scenario })
  }
  return derived
}

interface ScenarioSource {
  creating: AnalyzedRoute
  /** At the URL of what is created. */
  members: readonly AnalyzedRoute[]
  /** All routes of the app. */
  routes: readonly AnalyzedRoute[]
  profile: Profile
  missing: MissingExample[]
}

class ScenarioBuilder {
  readonly #source: ScenarioSource

  constructor (source: ScenarioSource) {
    this.#source = source
  }

  /** @returns `undefined` if an example is missing */
  build (): Scenario | undefined {
    const { creating, missing } = this.#source
    const missingBefore = missing.length
    const examples = new RouteExamples(creating, 'POST', missing)
    const url = examples.url()
    const payload = examples.payload()
    const update = this.#update()
    const scenario: Scenario = {
      create: { url: url!, payload: payload!, headers: examples.headers() },
      update,
      upsert: this.#upsert(),
      remove: this.#memberRoute('DELETE') === undefined ? undefined : true,
      precondition: this.#precondition(update?.method),
      ...this.#invalid(url!)
    }
    return missing.length > missingBefore ? undefined : withoutUndefined(scenario)
  }

  #memberRoute (method: string): AnalyzedRoute | undefined {
    return this.#source.members.find(({ route }) => route.declared.methods.includes(method))
  }

  #update (): Scenario['update'] {
    const methods = (['PUT', 'PATCH'] as const).filter((method) => this.#memberRoute(method) !== undefined)
    // One of them is enough. Prefer the one that has an example.
    const payloadOf = (method: string) => new RouteExamples(this.#memberRoute(method)!, method, []).payload()
    const method = methods.find((method) => payloadOf(method) !== undefined) ?? methods[0]
    if (method === undefined) return undefined
    const examples = new RouteExamples(this.#memberRoute(method)!, method, this.#source.missing)
    return { method, payload: examples.payload()!, headers: examples.headers() }
  }

  #upsert (): Scenario['upsert'] {
    const put = this.#memberRoute('PUT')
    if (put === undefined || !declares201(put.route.declared)) return undefined
    const examples = new RouteExamples(put, 'PUT', [])
    const name = put.route.declared.parameters.at(-1)
    if (name === undefined || !acceptsUuid(put, name)) return undefined
    const url = examples.url({ [name]: '{{uuid}}' })
    const payload = examples.payload()
    return url === undefined || payload === undefined ? undefined : { url, payload, headers: examples.headers() }
  }

  #precondition (method: string | undefined): Scenario['precondition'] {
    if (method === undefined) return undefined
    const { route } = this.#memberRoute(method)!
    return this.#source.profile === 'strict' || route.requiresPrecondition(method) ? 'required' : 'optional'
  }

  /** A body that the schema rejects, and a list that shows whether it was stored all the same. */
  #invalid (url: string): Pick<Scenario, 'invalid' | 'list'> {
    const { observed: { scope, options }, route: { declared } } = this.#source.creating
    const shared = (id: string) => scope.getSchema(id)
    const isOptional = requiredProperties(bodySchema(declared.schema?.body), shared).length === 0
    if (isOptional || options.attachValidation === true) return {}
    const list = this.#source.routes.find(({ route: { declared: { methods, url, schema } } }) =>
      methods.includes('GET') && withoutTrailingSlash(url) === withoutTrailingSlash(declared.url) &&
      requiredProperties(schema?.querystring, shared).length === 0)
    return { invalid: {}, list: list && url }
  }
}

function acceptsUuid ({ observed: { scope }, route: { declared } }: AnalyzedRoute, name: string): boolean {
  // A regular expression of the router may reject UUIDs.
  if (declared.url.includes('(')) return false
  const { type = 'string', format = 'uuid', pattern = '', maxLength = Infinity, enum: values, const: constant } =
    propertySchema(declared.schema?.params, name, (id) => scope.getSchema(id)) ?? {}
  const sample = randomUUID()
  return type === 'string' && format === 'uuid' && values === undefined && constant === undefined &&
    sample.length <= (maxLength as number) && new RegExp(pattern as string).test(sample)
}

function withoutUndefined (scenario: Scenario): Scenario {
  return JSON.parse(JSON.stringify(scenario))
}
