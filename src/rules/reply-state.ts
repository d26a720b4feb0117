import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EntityTag } from '../http/entity-tag.js'
import type { RulesInForce } from './rules-in-force.js'

/**
 * What this package knows of a reply before the guard sees it, and of a request. Kept on them, and only where there is
 * something to keep.
 */

export type Helper = 'created' | 'ok' | 'upserted' | 'accepted' | 'noContent' | 'seeOther'

/** What a helper has proved, and set: where it is still the same, it is not proved, or reported, again. */
export interface Proved {
  readonly helper: Helper
  /** Those that the answer, with its status, can break. */
  readonly rules: RulesInForce
  /** The headers as they were set. */
  readonly location: string | undefined
  /** `null` where the helper was told that there is none. */
  readonly etag: EntityTag | null | undefined
}

/** An error that a reply has had. */
export interface Failure {
  /** It is this package's own: the answer was refused. */
  readonly refused: boolean
}

/** Whether a helper proves all that can be proved when it is called: where a 201 is, only created() does. */
export function provesAll (helper: Helper, status: number): boolean {
  return status !== 201 || helper === 'created'
}

const kProved = Symbol('fastify-created.proved')
const kFailure = Symbol('fastify-created.failure')
type Marked = { [kProved]?: Proved, [kFailure]?: Failure }

/** `undefined` where no helper has answered, or an error has come since. */
export function provedOf (reply: FastifyReply): Proved | undefined {
  return (reply as Marked)[kProved]
}

export function markProved (reply: FastifyReply, proved: Proved | undefined): void {
  (reply as Marked)[kProved] = proved
}

export function failureOf (reply: FastifyReply): Failure | undefined {
  return (reply as Marked)[kFailure]
}

/** What was proved before is void. */
export function markFailure (reply: FastifyReply, failure: Failure): void {
  (reply as Marked)[kFailure] = failure
  markProved(reply, undefined)
}

/** What `assertPreconditions()` has found of a request. */
export interface Evaluation {
  conditional: boolean
}

const kEvaluation = Symbol('fastify-created.evaluation')
type Evaluated = { [kEvaluation]?: Evaluation }

/** `undefined` where it was not called. */
export function evaluationOf (request: FastifyRequest): Evaluation | undefined {
  return (request as Evaluated)[kEvaluation]
}

export function markEvaluation (request: FastifyRequest, evaluation: Evaluation): void {
  (request as Evaluated)[kEvaluation] = evaluation
}
