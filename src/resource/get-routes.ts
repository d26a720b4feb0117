import { isPlainSegment, PLAIN_SEGMENT } from '../http/uri-reference.js'
import type { Resource } from './resource.js'

/** What the messages of the boot name: a GET route, and what it says of itself. */
export interface GetRoute {
  readonly url: string
  readonly resource: Resource<unknown> | undefined
  readonly isHome: boolean
}

/**
 * What the URLs of all GET routes tell of a path without asking the router, which takes longer than the rest of an
 * answer. It only ever says yes: where it cannot tell, its caller asks the router.
 */
export class GetRoutes {
  readonly all: GetRoute[] = []
  readonly #collections = new Set<string>()
  readonly #segments: Segment[][] = []
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
    const segments = segmentsOf(url)
    if (!this.#areAllSeen || segments.includes('special')) return false
    for (let at = this.#segments.length; at < this.all.length; at++) this.#segments.push(segmentsOf(this.all[at].url))
    return this.#segments.filter((other) => meet(segments, other)).length === 1
  }

  /** The plain paths that a GET route answers which has this URL, and one parameter more; none where there is no such route. */
  membersOf (url: string): RegExp {
    return this.#collections.has(url) ? new RegExp(`^${url.replace(/:\w+/g, PLAIN_SEGMENT)}/${PLAIN_SEGMENT}$`) : NONE
  }
}

const NONE = /(?!)/
const COLLECTION = new RegExp(`^((?:/(?::\\w+|${PLAIN_SEGMENT}))+)/:\\w+$`)

/** One segment of a URL: a literal, in lower case; one parameter that takes anything; or what takes a closer look. */
type Segment = { literal: string } | 'parameter' | 'special'

/** Whether some path might be answered by both: the doubt is on the side of yes. */
export function mayMeet (a: string, b: string): boolean {
  return meet(segmentsOf(a), segmentsOf(b))
}

function meet (a: readonly Segment[], b: readonly Segment[]): boolean {
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at++) {
    const [left, right] = [a[at], b[at]]
    // A wildcard takes all that follows.
    if (left === 'special' || right === 'special') return true
    if (left !== 'parameter' && right !== 'parameter' && left.literal !== right.literal) return false
  }
  return a.length === b.length || a.includes('special', end) || b.includes('special', end)
}

function segmentsOf (url: string): Segment[] {
  return url.replace(/\/$/, '').split('/').slice(1).map((segment) => {
    if (/^:\w+$/.test(segment)) return 'parameter'
    return isPlainSegment(segment) ? { literal: segment.toLowerCase() } : 'special'
  })
}
