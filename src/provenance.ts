import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HeaderValue } from './exchange.js'

export type Helper = 'created' | 'ok' | 'upserted' | 'accepted' | 'noContent' | 'seeOther'

/**
 * What this package knows of a reply before the guard sees it: what a helper has proved and set, and whether an error
 * has come in between. Kept on the reply itself, and only where there is something to keep.
 */
export interface Provenance {
  /** The headers as a helper left them: what is still the same is not proved, or reported, again. */
  location?: HeaderValue
  etag?: HeaderValue
  helper?: Helper
  waivesEtag?: boolean
  failed?: boolean
  /** The error is this package's own: the answer was refused. */
  refused?: boolean
}

const kProvenance = Symbol('fastify-created.provenance')
type Marked = { [kProvenance]?: Provenance }

export function provenanceOf (reply: FastifyReply): Provenance | undefined {
  return (reply as Marked)[kProvenance]
}

export function markReply (reply: FastifyReply, provenance: Provenance): void {
  (reply as Marked)[kProvenance] = provenance
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
