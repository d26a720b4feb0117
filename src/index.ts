import './types.js'
import { created } from './plugin.js'

export default created
export { created }
export type { CreationTypeError } from './types.js'
export { documentCreation } from './openapi/openapi-transform.js'
export { digest, weak, type EntityTag, type EntityTagInput } from './http/entity-tag.js'
export {
  FST_CREATED_CONTENT_RANGE, FST_CREATED_LOST_UPDATE, FST_CREATED_NOT_FOUND, FST_CREATED_OPTION_INVALID,
  FST_CREATED_PRECONDITION_FAILED, FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_PRECONDITION_REQUIRED,
  FST_CREATED_VALIDATOR_INVALID, FST_CREATED_VIOLATION
} from './errors.js'
export type { Enforcement, Profile } from './rules/exchange.js'
export type { CreatedRouteOptions, PluginOptions, Precondition, RouteDeclaration, RuleSeverities, Violation } from './options.js'
export {
  evaluatePreconditions,
  type ConditionalRequest, type PreconditionField, type PreconditionResult, type Validators
} from './http/preconditions.js'
export type { AcceptedByResource, AcceptedInit, CreatedByResource, CreatedInit, NoContentInit, OkInit, UpsertedInit } from './reply/reply.js'
export { resource, type Parameter, type Resource, type ResourceOptions } from './resource/resource.js'
export type { RuleId, Severity } from './rules/index.js'
