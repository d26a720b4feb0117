/**
 * `fastify-created/testing`: checks over HTTP whether a server creates resources correctly.
 * It works with any server and any test runner.
 * @module
 */
export { assertCreation } from './assert-creation.js'
export { checkCreation, type CheckResult, type CreationReport } from './check-creation.js'
export type { Exchange } from './exchange.js'
export type { Payload, PerAttempt, Scenario, ScenarioRequest } from './scenario.js'
export type { Target } from './target.js'
