/**
 * `fastify-created/testing`: follows the promise of a 201 over HTTP, on any server and with any test runner.
 * @module
 */
export { assertCreation } from './assert-creation.js'
export { checkCreation, type Checked, type CheckResult } from './check-creation.js'
export type { Exchange } from './exchange.js'
export type { Fresh, Payload, Scenario, ScenarioRequest } from './scenario.js'
export type { Target } from './target.js'
