import type { FastifyRequest } from 'fastify'
import type { RequestError } from '../errors.js'

/** What `assertPreconditions()` found. */
interface Evaluation {
  /** Whether the request had a precondition that applies. */
  conditional: boolean
  /** Whether something exists at the target. */
  exists: boolean
  /** What it threw. */
  error: RequestError | undefined
}

const kEvaluation = Symbol('fastify-created.evaluation')
type Evaluated = { [kEvaluation]?: Evaluation }

/** That of the last call; `undefined` if it was not called. */
export function evaluationOf (request: FastifyRequest): Evaluation | undefined {
  return (request as Evaluated)[kEvaluation]
}

export function setEvaluation (request: FastifyRequest, evaluation: Evaluation): void {
  (request as Evaluated)[kEvaluation] = evaluation
}
