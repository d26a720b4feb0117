import type { Resource } from './resource.js'

/** What the messages of the boot name: a GET route, and what it says of itself. */
export interface GetRoute {
  readonly url: string
  readonly resource: Resource<unknown> | undefined
  readonly isHome: boolean
}

/**
 * What the URLs of all GET routes tell of a path without asking the router, which takes longer than the rest of an
 * answer. It only ever says yes: where it cannot tell, the router is asked.
 */
export class GetRoutes {
  readonly all: GetRoute[] = []
  readonly #collections = new Set<string>()
  readonly #alone = new Map<string, boolean>()
  readonly #areAllSeen: boolean

  /** @param areAllSeen whether no GET route of the server is unknown here */
  constructor (areAllSeen: boolean) {
    this.#areAllSeen = areAllSeen
  }

  add (route: GetRoute, isConstrained: boolean): void {
    this.all.push(route)
    const collection = COLLECTION.exec(route.url)?.[1]
    if (collection !== undefined && !isConstrained) this.#collections.add(collection)
  }

  /** Whether no route but that of `url` can answer the plain paths that it answers. */
  isAlone (url: string): boolean {
    const known = this.#alone.get(url)
    if (known !== undefined) return known
    const isAlone = this.#areAllSeen && segmentsOf(url).every(isSimple) && this.all.filter((other) => mayMeet(url, other.url)).length === 1
    this.#alone.set(url, isAlone)
    return isAlone
  }

  /** Whether a plain path is of one segment more than a GET route has, which is its last parameter. */
  answers (path: string, maxParamLength: number): boolean {
    const end = path.lastIndexOf('/') + 1
    return path.length - end <= maxParamLength && this.#collections.has(path.slice(0, end))
  }
}

const COLLECTION = /^((?:\/[\w~-]+)*\/):\w+$/

/** Whether some path might be answered by both: the doubt is on the side of yes. */
export function mayMeet (a: string, b: string): boolean {
  const [left, right] = [segmentsOf(a), segmentsOf(b)]
  const end = Math.min(left.length, right.length)
  for (let at = 0; at < end; at++) {
    // A wildcard takes all that follows.
    if (!isSimple(left[at]) || !isSimple(right[at])) return true
    if (isLiteral(left[at]) && isLiteral(right[at]) && left[at].toLowerCase() !== right[at].toLowerCase()) return false
  }
  const rest = [...left.slice(end), ...right.slice(end)]
  return !rest.every(isSimple) || rest.length === 0
}

function segmentsOf (url: string): string[] {
  return url.replace(/\/$/, '').split('/').slice(1)
}

/** It is one literal, or one parameter that takes anything. */
function isSimple (segment: string): boolean {
  return /^(?:[\w~-]+|:\w+)$/.test(segment)
}

function isLiteral (segment: string): boolean {
  return !segment.startsWith(':')
}
