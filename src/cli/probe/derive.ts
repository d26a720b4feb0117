import { randomUUID } from 'node:crypto'
import { withoutSlash } from '../../http/uri-reference.js'
import type { Profile } from '../../rules/exchange.js'
import type { Scenario } from '../../testing/index.js'
import { propertySchema, requiredBy } from './examples.js'
import { declares201 } from '../lint/parts.js'
import type { JudgedRoute } from '../lint/judge.js'
import type { NamedScenario } from './probe-report.js'
import { bodySchema, RouteExamples } from './route-examples.js'

/** Of an app: what can be tried, and which examples are missing for that. */
export interface Derived {
  scenarios: NamedScenario[]
  missing: string[]
}

/** A scenario for each route that creates by POST something whose home is known. */
export function deriveScenarios (judged: readonly JudgedRoute[], profile: Profile): Derived {
  const seen = judged.filter(({ isSeen, isExempt }) => isSeen && !isExempt)
  const derived: Derived = { scenarios: [], missing: [] }
  for (const creating of seen) {
    const { methods, resource } = creating.route.declaration
    if (resource === undefined || !methods.includes('POST')) continue
    const home = creating.route.addresses.home(resource)
    if ('refusal' in home) continue
    const others = seen.filter(({ route: { declaration } }) => declaration.resource === resource && declaration.url === home.url)
    const scenario = new Derivation(creating, others, judged, profile, derived.missing).scenario()
    const { url } = creating.route.declaration
    if (scenario !== undefined) derived.scenarios.push({ name: `POST ${url}`, place: creating.observed.place, scenario })
  }
  return derived
}

/** What the routes around one that creates tell. */
class Derivation {
  readonly #creating: JudgedRoute
  /** At the home of what is created. */
  readonly #others: readonly JudgedRoute[]
  readonly #all: readonly JudgedRoute[]
  readonly #profile: Profile
  readonly #missing: string[]

  constructor (creating: JudgedRoute, others: readonly JudgedRoute[], all: readonly JudgedRoute[], profile: Profile, missing: string[]) {
    this.#creating = creating
    this.#others = others
    this.#all = all
    this.#profile = profile
    this.#missing = missing
  }

  /** @returns `undefined` where an example is missing */
  scenario (): Scenario | undefined {
    const missing = this.#missing.length
    const examples = new RouteExamples(this.#creating, 'POST', this.#missing)
    const url = examples.url()
    const payload = examples.payload()
    const update = this.#update()
    const scenario: Scenario = {
      create: { url: url!, payload: payload!, headers: examples.headers() },
      update,
      upsert: this.#upsert(),
      remove: this.#answers('DELETE') === undefined ? undefined : true,
      precondition: this.#precondition(update?.method),
      ...this.#invalid(url!)
    }
    return this.#missing.length > missing ? undefined : plain(scenario)
  }

  #answers (method: string): JudgedRoute | undefined {
    return this.#others.find(({ route }) => route.declaration.methods.includes(method))
  }

  #update (): Scenario['update'] {
    const methods = (['PUT', 'PATCH'] as const).filter((method) => this.#answers(method) !== undefined)
    // One of them is enough: rather that which has an example.
    const method = methods.find((method) => new RouteExamples(this.#answers(method)!, method, []).payload() !== undefined) ?? methods[0]
    if (method === undefined) return undefined
    const examples = new RouteExamples(this.#answers(method)!, method, this.#missing)
    return { method, payload: examples.payload()!, headers: examples.headers() }
  }

  #upsert (): Scenario['upsert'] {
    const put = this.#answers('PUT')
    if (put === undefined || !declares201(put.route)) return undefined
    const examples = new RouteExamples(put, 'PUT', [])
    const name = put.route.declaration.parameters.at(-1)
    if (name === undefined || !takesUuid(put, name)) return undefined
    const url = examples.url({ [name]: '{{uuid}}' })
    const payload = examples.payload()
    return url === undefined || payload === undefined ? undefined : { url, payload, headers: examples.headers() }
  }

  #precondition (method: string | undefined): Scenario['precondition'] {
    if (method === undefined) return undefined
    return this.#profile === 'strict' || this.#answers(method)!.route.requiresPrecondition(method) ? 'required' : 'optional'
  }

  /** What the schema refuses, and the list where nothing of it must be. */
  #invalid (url: string): Pick<Scenario, 'invalid' | 'list'> {
    const { observed: { scope, declared }, route: { declaration } } = this.#creating
    const shared = (id: string) => scope.getSchema(id)
    const isRefused = requiredBy(bodySchema(declaration.schema?.body), shared).length > 0 && declared.attachValidation !== true
    if (!isRefused) return {}
    const list = this.#all.find(({ route }) =>
      route.declaration.methods.includes('GET') && withoutSlash(route.declaration.url) === withoutSlash(declaration.url) && requiredBy(route.declaration.schema?.querystring, shared).length === 0)
    return { invalid: {}, list: list && url }
  }
}

function takesUuid ({ observed: { scope }, route: { declaration } }: JudgedRoute, name: string): boolean {
  // The router has a regular expression of its own there.
  if (declaration.url.includes('(')) return false
  const { type = 'string', format = 'uuid', pattern = '', maxLength = Infinity, enum: values, const: constant } =
    propertySchema(declaration.schema?.params, name, (id) => scope.getSchema(id)) ?? {}
  const sample = randomUUID()
  return type === 'string' && format === 'uuid' && values === undefined && constant === undefined &&
    sample.length <= (maxLength as number) && new RegExp(pattern as string).test(sample)
}

/** Without what is undefined. */
function plain (scenario: Scenario): Scenario {
  return JSON.parse(JSON.stringify(scenario))
}
