import { Type, type TSchema } from '@sinclair/typebox'
import type { RegisterOptions } from 'fastify'
import { isProduction } from './errors.js'
import { referenceProblem } from './http/uri-reference.js'
import { RULES, type RuleId } from './rules/index.js'
import type { Enforcement, Profile, Severity } from './rules/rule.js'
import type { OnViolation, Precondition, RuleSeverities, Settings } from './rules/settings.js'
import { checkOptions, oneOf, optionInvalid, type Configured } from './util/check-options.js'
import { formatValue } from './util/format-value.js'

/** Options of the plugin. */
export interface FastifyCreatedOptions {
  /** The severities of all rules. Default: `recommended`. */
  profile?: Profile
  /** The severities of single rules, which win over those of the profile. Default: none. */
  rules?: RuleSeverities
  /**
   * What a broken rule of severity `error` does: `throw` responds 500 with `FST_CREATED_VIOLATION`, `log` logs it and
   * sends the response. Default: `log` if `NODE_ENV` is `production`, else `throw`.
   */
  enforcement?: Enforcement
  /** Scheme, host and port, such as `https://api.example.com`: makes every Location absolute. Default: none, Location is a path. */
  origin?: string
  /** What a reverse proxy strips from the path before the app sees it, such as `/api`. Default: nothing. */
  basePath?: string
  /** Other origins that a Location may have. Default: none. */
  locationOrigins?: string[]
  /**
   * Whether PUT, PATCH and DELETE routes with a resource require If-Match (RFC 6585 section 3): `optional` or
   * `required`. Default: `optional`; `required` if the profile is `strict`.
   */
  precondition?: Precondition
  /** Whether writes honor `Prefer: return=minimal` and `return=representation` (RFC 7240). Default: `false`. */
  prefer?: boolean
  /**
   * Whether this package's own errors are sent as problem details, `application/problem+json` (RFC 9457). All other
   * errors go to your error handler either way. Default: `false`.
   */
  problemDetails?: boolean
  /** Called for every broken rule, warnings too, thrown or logged. `request` is `undefined` at boot. Default: none. */
  onViolation?: OnViolation
}

/** Options of a route, as `config.created`. */
export interface CreatedRouteOptions {
  /** `false`: another GET route is the canonical route of the resource. Default: `true`. */
  canonical?: boolean
  /** As the plugin's option, for this route. */
  precondition?: Precondition
  /** As the plugin's option, for this route. */
  prefer?: boolean
  /**
   * Whether the body of a 201 is what GET on the new URL returns: sets Content-Location (RFC 9110 section 8.7).
   * Default: `false`.
   */
  contentLocation?: boolean
  /** The severities of single rules on this route, which win over the plugin's. Default: none. */
  rules?: RuleSeverities
  /** As the plugin's option, for this route. */
  enforcement?: Enforcement
}

/** A schema for each option, and for nothing else. */
type SchemasOf<Options> = { [Name in keyof Required<Options>]: TSchema & { static: Required<Options>[Name] } }

const closed = { additionalProperties: false, allowed: 'an object of options', example: '…' }
const SeveritySchema = { ...oneOf('off', 'warn', 'error'), example: "'error'" }
const EnforcementSchema = oneOf('throw', 'log')
const PreconditionSchema = oneOf('optional', 'required')
const BooleanSchema = Type.Boolean({ allowed: 'true or false', example: 'true' })
const OriginSchema = Type.String({
  allowed: 'an origin without a path or a trailing slash',
  example: "'https://api.example.com'"
})
const BasePathSchema = Type.String({
  allowed: 'a path that begins with "/" and does not end with it',
  example: "'/api'"
})
const RulesSchema = Type.Unsafe<RuleSeverities>(
  Type.Partial(Type.Object(Object.fromEntries(RULES.map(({ id }) => [id, SeveritySchema])), {
    ...closed, allowed: 'an object of severities', example: "{ 'created-etag': 'error' }"
  }))
)

const pluginSchemas: SchemasOf<FastifyCreatedOptions> = {
  profile: oneOf('recommended', 'strict'),
  rules: RulesSchema,
  enforcement: EnforcementSchema,
  origin: OriginSchema,
  basePath: BasePathSchema,
  locationOrigins: Type.Array(OriginSchema, { allowed: 'a list of origins', example: "['https://cdn.example.com']" }),
  precondition: PreconditionSchema,
  prefer: BooleanSchema,
  problemDetails: BooleanSchema,
  onViolation: Type.Unsafe<OnViolation>(Type.Function([], Type.Any(), {
    allowed: 'a function of a violation and its request', example: '(violation, request) => {}'
  }))
}
const PluginOptionsSchema = Type.Partial(Type.Object(pluginSchemas, closed))

const routeSchemas: SchemasOf<CreatedRouteOptions> = {
  canonical: BooleanSchema,
  precondition: PreconditionSchema,
  prefer: BooleanSchema,
  contentLocation: BooleanSchema,
  rules: RulesSchema,
  enforcement: EnforcementSchema
}
const RouteOptionsSchema = Type.Partial(Type.Object(routeSchemas, {
  ...closed, allowed: 'false, or an object of options', example: 'false'
}))

const plugin: Configured = {
  name: 'fastify-created',
  code: (option) => `await app.register(fastifyCreated, { ${option} })`
}

/** @throws FST_CREATED_OPTION_INVALID */
export function pluginSettings (options: FastifyCreatedOptions): Settings {
  checkOptions(plugin, PluginOptionsSchema, withoutRegisterOptions(options))
  if (options.origin !== undefined) checkOrigin(['origin'], options.origin)
  options.locationOrigins?.forEach((origin, index) => checkOrigin(['locationOrigins', String(index)], origin))
  if (options.basePath !== undefined) checkBasePath(options.basePath)

  const { profile = 'recommended', basePath = '', locationOrigins = [], origin, onViolation } = options
  return {
    profile,
    // In production the record is already stored, and a 500 would make clients retry and create a duplicate.
    enforcement: options.enforcement ?? (isProduction() ? 'log' : 'throw'),
    severities: { ...profileSeverities(profile), ...options.rules },
    precondition: options.precondition ?? (profile === 'strict' ? 'required' : 'optional'),
    prefer: options.prefer ?? false,
    problemDetails: options.problemDetails ?? false,
    canonical: true,
    contentLocation: false,
    server: { origin, basePath, locationOrigins },
    onViolation
  }
}

/** @throws FST_CREATED_OPTION_INVALID */
export function routeSettings (settings: Settings, declared: unknown, route: { name: string }): Settings {
  if (declared === undefined || declared === false) return settings
  const configured: Configured = {
    name: route.name,
    path: 'config.created',
    code: (option) => option === 'false' ? 'config: { created: false }' : `config: { created: { ${option} } }`
  }
  checkOptions(configured, RouteOptionsSchema, declared)
  const {
    rules, enforcement = settings.enforcement, precondition: routePrecondition, prefer = settings.prefer,
    canonical = true, contentLocation = false
  } = declared as CreatedRouteOptions
  const severities = { ...settings.severities, ...rules }
  return { ...settings, enforcement, routePrecondition, prefer, canonical, contentLocation, severities }
}

/** `register` passes its own options on to the plugin. */
function withoutRegisterOptions (
  { prefix, logLevel, logSerializers, ...own }: FastifyCreatedOptions & RegisterOptions
): FastifyCreatedOptions {
  return own
}

function profileSeverities (profile: Profile): Record<RuleId, Severity> {
  return Object.fromEntries(RULES.map((rule) => [rule.id, rule[profile]])) as Record<RuleId, Severity>
}

function checkOrigin (names: readonly string[], origin: string): void {
  const parsed = URL.canParse(origin) && /^https?:/i.test(origin) ? new URL(origin).origin : undefined
  if (parsed === origin) return
  const example = parsed === undefined ? OriginSchema.example : `'${parsed}'`
  throw optionInvalid(plugin, names, { found: formatValue(origin), required: OriginSchema.allowed, example })
}

function checkBasePath (basePath: string): void {
  if (basePath === '' || (referenceProblem(basePath) === undefined && /^\/[^?]*[^/?]$/.test(basePath))) return
  const { allowed, example } = BasePathSchema
  throw optionInvalid(plugin, ['basePath'], { found: formatValue(basePath), required: allowed, example })
}
