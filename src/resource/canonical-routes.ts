import { GetRoutes } from './get-routes.js'
import type { Resource } from './resource.js'
import type { FilledPattern, UrlPattern } from './url-pattern.js'

/** An instance of Fastify: one inside another has it as its prototype. */
export type Scope = object

/** Where a resource answers GET. */
export interface Home {
  readonly resource: Resource<unknown>
  readonly scope: Scope
  readonly url: string
  /** Its URL as a template; read only where an address is made or proved. */
  readonly pattern: UrlPattern
  /** It answers only under constraints, of host or version. */
  readonly isConstrained: boolean
  /** Its name in an OpenAPI document, where it has one and is not hidden. */
  readonly operationId?: string
}

/** A path of this app that was made for a value, to answer GET at its home. */
export interface MadeAddress extends FilledPattern {
  readonly home: Home
  /** The parameters that the client has sent. */
  readonly inherited: ReadonlySet<string>
  readonly isSure: false
}

/** The same where nothing is left to be asked: no other route can answer at it, nor is it the target of the request. */
export interface SureAddress {
  readonly path: string
  readonly isSure: true
}

interface Nearest {
  distance: number
  homes: Home[]
}

/** The homes of all resources of an app, and which of them are nearest to a scope. */
export class Homes {
  readonly getRoutes: GetRoutes
  readonly #nearest = new Map<Resource<unknown>, Map<Scope, Nearest>>()

  /** @param areAllSeen whether no GET route of the server is unknown here */
  constructor (areAllSeen = false) {
    this.getRoutes = new GetRoutes(areAllSeen)
  }

  /** Every scope around a home is told of it, so that looking for the nearest costs no more than the way up. */
  add (home: Home): void {
    const nearest = this.#nearest.get(home.resource) ?? new Map<Scope, Nearest>()
    this.#nearest.set(home.resource, nearest)
    eachScopeAround(home.scope, (scope, distance) => {
      const known = nearest.get(scope)
      if (known === undefined || distance < known.distance) nearest.set(scope, { distance, homes: [home] })
      else if (distance === known.distance) known.homes.push(home)
    })
  }

  /** @returns those at the same, smallest number of hops, up to the common scope plus down; one for each URL */
  nearest (resource: Resource<unknown>, from: Scope): Home[] {
    const nearest = this.#nearest.get(resource)
    let distance = Infinity
    const found = new Map<string, Home>()
    eachScopeAround(from, (scope, up) => {
      const known = nearest?.get(scope)
      if (known === undefined || up + known.distance > distance) return
      if (up + known.distance < distance) found.clear()
      distance = up + known.distance
      for (const home of known.homes) {
        // What answers under constraints cannot be proved.
        if (!home.isConstrained || !found.has(home.url)) found.set(home.url, home)
      }
    })
    return [...found.values()]
  }
}

/** From the inside out, with the number of hops. */
function eachScopeAround (from: Scope, visit: (scope: Scope, hops: number) => void): void {
  let hops = 0
  for (let scope = from; scope !== Object.prototype; scope = Object.getPrototypeOf(scope)) visit(scope, hops++)
}
