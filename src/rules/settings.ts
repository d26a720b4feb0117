import type { FastifyRequest } from 'fastify'
import type { Server } from '../http/uri-reference.js'
import type { RuleId } from './index.js'
import type { Enforcement, Profile, Severity } from './rule.js'

/** Whether an update must say which version it changes (RFC 6585 section 3). */
export type Precondition = 'optional' | 'required'

/** Severities by the id of the rule. */
export type RuleSeverities = { [id in RuleId]?: Severity }

/** One broken rule, as `onViolation` gets it. */
export interface Violation {
  /** Its id, as in docs/reference/rules.md. */
  rule: RuleId
  /** The severity that it has here. */
  severity: 'warn' | 'error'
  /** What failed, what was found, what is required, and how to fix it. Not for clients: it may quote the response. */
  message: string
  /** What was found. */
  found: string
  /** How to fix it: mostly a line of code. */
  fix: string
  /** The section of the specification. */
  spec: string
  /** That of the request or, at boot, of the route, in upper case. */
  method: string
  /** The pattern of the route, such as `/users/:id`. */
  url: string
}

/** The option `onViolation`. `request` is `undefined` at boot. */
export type OnViolation = (violation: Violation, request: FastifyRequest | undefined) => void

/** The options of the plugin and of a route, with every default filled in. */
export interface Settings {
  profile: Profile
  enforcement: Enforcement
  severities: Record<RuleId, Severity>
  precondition: Precondition
  /** The precondition that the route itself declares. */
  routePrecondition?: Precondition | undefined
  prefer: boolean
  problemDetails: boolean
  canonical: boolean
  contentLocation: boolean
  server: Server
  onViolation?: OnViolation | undefined
}
