import './types.js'
import { fastifyCreated } from './plugin.js'

export default fastifyCreated
export { fastifyCreated }
export type { CreationTypeError } from './body-types.js'
export {
  FST_CREATED_ALREADY_REGISTERED, FST_CREATED_CONTENT_RANGE, FST_CREATED_LOST_UPDATE, FST_CREATED_NOT_FOUND,
  FST_CREATED_OPTION_INVALID, FST_CREATED_PRECONDITION_FAILED, FST_CREATED_PRECONDITION_MALFORMED,
  FST_CREATED_PRECONDITION_REQUIRED, FST_CREATED_VERSION_INVALID, FST_CREATED_VIOLATION,
  type ViolationDetails
} from './errors.js'
export { digest } from './http/digest.js'
export { weak, type EntityTag, type EntityTagInput } from './http/entity-tag.js'
export {
  evaluatePreconditions,
  type ConditionalRequest, type PreconditionField, type PreconditionResult, type Validators
} from './http/preconditions.js'
export type { HeadersInput } from './http/request-fields.js'
export { openapiTransform } from './openapi/openapi-transform.js'
export type { CreatedRouteOptions, FastifyCreatedOptions } from './options.js'
export type { AcceptedByResource, AcceptedInit } from './reply/accepted.js'
export type { CreatedByResource, CreatedInit } from './reply/created.js'
export type { NoContentInit } from './reply/no-content.js'
export type { OkInit } from './reply/ok.js'
export type { UpsertedInit } from './reply/upserted.js'
export { resource, type Parameter, type Resource, type ResourceOptions } from './resource/resource.js'
export type { RuleId } from './rules/index.js'
export type { Enforcement, Profile, Severity } from './rules/rule.js'
export type { OnViolation, Precondition, RuleSeverities, Violation } from './rules/settings.js'
