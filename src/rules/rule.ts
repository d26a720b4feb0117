import type { Server } from '../http/uri-reference.js'
import type { Constraints, MisreadProblem } from '../resource/router.js'
import type { Resource } from '../resource/resource.js'
import type { ResourceUrl } from '../resource/url-template.js'
import type { Problem } from '../util/problem.js'
import type { Exchange } from './exchange.js'

/** `off`: not checked; `warn`: logged; `error`: stops the boot; for responses the option `enforcement` decides. */
export type Severity = 'off' | 'warn' | 'error'
/** A set of severities for all rules: `recommended` accepts what works but could be better, `strict` does not. */
export type Profile = 'recommended' | 'strict'
/** What a broken rule of severity `error` does to a response: 500 instead of it, or a line in the log. */
export type Enforcement = 'throw' | 'log'
/** When a rule is checked. */
export type Stage = 'boot' | 'request' | 'call' | 'response'

/** How a rule is broken. */
export interface Finding {
  found: string
  /** Default: the rule's own. */
  fix?: string
  /** If the client may have caused it. */
  atMost?: 'warn'
  /** Whatever severity the rule has. */
  always?: 'error'
}

/** One rule: when it is checked, how severe it is, and what it requires. */
export interface Rule {
  readonly id: string
  /** Earliest first. */
  readonly stages: readonly Stage[]
  readonly recommended: Severity
  readonly strict: Severity
  /** The section that requires it. */
  readonly spec: string
  /** What is required, as a sentence without its full stop. */
  readonly requires: string
  /** How it is usually fixed. */
  readonly fix: string
  /** The part of a response that a helper has checked already when it sends. */
  readonly checkedByHelper?: 'method' | 'location' | 'etag'
  /** Whether responses of a route can break it. Default: all. */
  readonly appliesTo?: (method: string, status: number, route: RouteInfo) => boolean
  /** How a response that it applies to breaks it. Absent if it is checked elsewhere. */
  readonly check?: (exchange: Exchange, route: RouteInfo) => Finding | undefined
}

/** What rules know about a route and its server. */
export interface RouteInfo {
  readonly url: string
  readonly resource: Resource<unknown> | undefined
  readonly settings: {
    readonly profile: Profile
    readonly enforcement: Enforcement
    readonly server: Server
  }
  readonly router: {
    isSamePath: (a: string, b: string) => boolean
    unansweredProblem: (path: string, constraints: Constraints) => Problem | undefined
    misreadProblem: (url: ResourceUrl) => MisreadProblem | undefined
  }
  /** The statuses of its response schemas, such as `201` and `4xx`. */
  readonly responseStatuses: readonly string[]
  /** Whether it is the canonical route of its resource. */
  readonly isCanonical: boolean
  /** A route with the same resource that requires If-Match. */
  readonly updateRequiringIfMatch?: string | undefined
  /** Whether its resource has a Last-Modified. */
  readonly hasLastModified: boolean
  /** Whether preconditions of a method must be asserted. */
  assertsPreconditions: (method: string) => boolean
  requiresPrecondition: (method: string) => boolean
}

export function isSuccess (status: number): boolean {
  return status >= 200 && status <= 299
}

export function isRedirect (status: number): boolean {
  return status >= 300 && status <= 399
}
