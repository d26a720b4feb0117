import { AddressTemplate, inheritedParameters, type AddressMaker, type Unaddressable } from './url-template.js'
import type { Declaration } from './declared-route.js'
import { mayMeet } from './get-routes.js'
import type { Home, Homes, MadeAddress, SureAddress } from './canonical-routes.js'
import { refuseHomes } from './canonical-problems.js'
import type { Resource } from './resource.js'
import { responseSchema } from './response-schema.js'

/** The addresses that a route gives: of its own resource, and of others. How they are made is worked out once. */
export class Addresses {
  readonly #declaration: Declaration
  readonly #homes: Homes
  readonly #maxParamLength: number
  #members?: RegExp
  readonly #templates = new Map<Resource<unknown>, AddressTemplate | Unaddressable>()

  constructor (declaration: Declaration, homes: Homes, maxParamLength: number) {
    this.#declaration = declaration
    this.#homes = homes
    this.#maxParamLength = maxParamLength
  }

  /** The address of a value at the nearest home of its resource, with the request's parameters where it inherits some. */
  of (resource: Resource<unknown>, value: unknown, given: unknown): SureAddress | MadeAddress | Unaddressable {
    const template = this.template(resource)
    return 'refusal' in template ? template : template.fill(value, given)
  }

  /** Whether a path that was given by hand surely names a member of the route's collection: GET is answered there, and it is not the target. */
  isMember (path: string): boolean {
    this.#members ??= this.#homes.getRoutes.membersOf(this.#declaration.url)
    // The router takes no parameter that is longer, and none of them is longer than all of the path.
    return path.length <= this.#maxParamLength && this.#members.test(path)
  }

  /** Only when all routes are declared: before that, homes may be missing. */
  template (resource: Resource<unknown>): AddressTemplate | Unaddressable {
    const known = this.#templates.get(resource)
    if (known !== undefined) return known
    const template = this.#makeTemplate(resource)
    this.#templates.set(resource, template)
    return template
  }

  #makeTemplate (resource: Resource<unknown>): AddressTemplate | Unaddressable {
    const home = this.home(resource)
    if ('refusal' in home) return home
    const isSure = () => !mayMeet(home.url, this.#declaration.url) && this.#homes.getRoutes.isAlone(home.url)
    return new AddressTemplate(home, inheritedParameters(home, this.maker(resource)), this.#maxParamLength, isSure)
  }

  home (resource: Resource<unknown>): Home | Unaddressable {
    const homes = this.#homes.nearest(resource, this.#declaration.scope)
    const refusal = refuseHomes(this.#declaration, resource, homes, this.#homes.getRoutes.all)
    return refusal === undefined ? homes[0] : { refusal, rule: 'resource-home' }
  }

  maker (resource: Resource<unknown>): AddressMaker {
    const declaration = this.#declaration
    return {
      get parameters () { return declaration.parameters },
      // What the route answers with says nothing of the values of other resources.
      schema: resource === declaration.resource ? responseSchema(declaration.schema, '201', '2xx', '2XX', '202', '200') : undefined,
      sharedSchemas: (id) => declaration.scope.getSchema(id)
    }
  }
}
