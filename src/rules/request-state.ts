import type { FastifyRequest } from 'fastify'

/** What `assertPreconditions()` found. */
interface Evaluation {
  /** Whether the request had a precondition that applies. */
  conditional: boolean
}

const kEvaluation = Symbol('fastify-created.evaluation')
type Evaluated = { [kEvaluation]?: Evaluation }

/** `undefined` if it was not called. */
export function evaluationOf (request: FastifyRequest): Evaluation | undefined {
  return (request as Evaluated)[kEvaluation]
}

export function setEvaluation (request: FastifyRequest, evaluation: Evaluation): void {
  (request as Evaluated)[kEvaluation] = evaluation
}
