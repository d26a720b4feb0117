import * as content from './content.js'
import * as cors from './cors.js'
import * as created from './created.js'
import * as etag from './etag.js'
import * as location from './location.js'
import * as precondition from './precondition.js'
import * as resource from './resource.js'
import type { Rule } from './rule.js'
import * as setup from './setup.js'

/** Every rule, in the order in which they are reported. */
export const RULES = [
  resource.resourceRoute,
  resource.resourceParams,
  resource.resourceMoved,
  created.createdMethod,
  created.createdFailure,
  created.createdLocation,
  created.createdEtag,
  created.createdBody,
  created.createdStatus,
  location.locationSyntax,
  location.locationOrigin,
  location.locationResolves,
  location.locationTarget,
  location.locationStatus,
  etag.etagSyntax,
  etag.resourceEtag,
  precondition.preconditionEvaluated,
  precondition.preconditionAnswered,
  etag.preconditionWeak,
  precondition.preconditionStatus,
  precondition.putContentRange,
  etag.putEtag,
  content.acceptedMonitor,
  content.contentForbidden,
  cors.corsExpose,
  setup.helperArgument,
  setup.lateRoute
] as const satisfies readonly Rule[]

/** The name of a rule, as in the option `rules`, in logs and in errors. */
export type RuleId = typeof RULES[number]['id']

/** A rule that responses are checked against. */
export type ResponseRule = Rule & { id: RuleId, check: NonNullable<Rule['check']> }

export const RESPONSE_RULES = (RULES as ReadonlyArray<Rule & { id: RuleId }>)
  .filter((rule): rule is ResponseRule => rule.check !== undefined)

export function ruleById (id: RuleId): Rule {
  return RULES.find((rule) => rule.id === id)!
}
