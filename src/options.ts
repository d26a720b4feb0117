import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifyRequest, RegisterOptions } from 'fastify'
import type { Enforcement, Profile } from './rules/exchange.js'
import { FST_CREATED_OPTION_INVALID } from './errors.js'
import { refuseReference, type Server } from './http/uri-reference.js'
import { checkOptions } from './util/check-options.js'
import { RULES, type RuleId, type Severity } from './rules/index.js'
import { show } from './util/format-value.js'

/** Whether an update has to say which version it is about (RFC 6585 section 3). */
export type Precondition = 'optional' | 'required'

/** One broken rule, as {@link PluginOptions.onViolation} gets it. */
export interface Violation {
  /** Which one: docs/rules.md has them all. */
  rule: RuleId
  /** As it counted here. */
  severity: 'warn' | 'error'
  /** What was required, what was found, and how to mend it. It may quote the answer: it is not for clients. */
  message: string
  /** The section of the specification. */
  spec: string
  /** Of the request, or at boot of the route, in upper case. */
  method: string
  /** The pattern of the route, such as `/users/:id`. */
  url: string
}

/** Options of the plugin. */
export interface PluginOptions {
  /** How severe the rules are. Default: `recommended`. */
  profile?: Profile
  /** The severity of single rules, over the profile's. Default: none. */
  rules?: RuleSeverities
  /**
   * What a broken rule of severity `error` does: `throw` answers 500 with `FST_CREATED_VIOLATION`, `log` logs it and
   * lets the response go. Default: `log` where `NODE_ENV` is `production`, else `throw`.
   */
  enforcement?: Enforcement
  /** Scheme, host and port, such as `https://api.example.com`, to make every Location absolute with. Default: none, Location is a path. */
  origin?: string
  /** What a reverse proxy strips from the path before the app sees it, such as `/api`. Default: nothing. */
  basePath?: string
  /** Other origins that a Location may be on. Default: none. */
  allowedOrigins?: string[]
  /**
   * Whether PUT, PATCH and DELETE routes with a resource require If-Match (RFC 6585 section 3): `optional` or
   * `required`. Default: `optional`; `required` where the profile is `strict`.
   */
  precondition?: Precondition
  /** Whether writes heed `Prefer: return=minimal` and `return=representation` (RFC 7240). Default: `false`. */
  prefer?: boolean
  /**
   * Whether this package's own errors go out as problem details, `application/problem+json` (RFC 9457). All other
   * errors go to your error handler either way. Default: `false`.
   */
  problemDetails?: boolean
  /** Called for every broken rule that is found, warnings too, thrown or logged. `request` is `undefined` at boot. Default: none. */
  onViolation?: (violation: Violation, request: FastifyRequest | undefined) => void
}

/** What a route may declare as `config.created`. */
export interface RouteDeclaration {
  /** `false`: this GET route is not the home of its resource, another one is. Default: `true`. */
  home?: boolean
  /** As the plugin's option, for this route. */
  precondition?: Precondition
  /** As the plugin's option, for this route. */
  prefer?: boolean
  /** The body of a 201 is what GET on the new address answers, which its Content-Location then says (RFC 9110 section 8.7). Default: `false`. */
  representation?: boolean
  /** PUT stores the bytes as they were sent, so its answer may carry their validator (RFC 9110 section 9.3.4). Default: `false`. */
  verbatim?: boolean
  /** The severity of single rules on this route, over the plugin's. Default: none. */
  rules?: RuleSeverities
  /** As the plugin's option, for this route. */
  enforcement?: Enforcement
}

/** `config.created` of a route: `false` exempts it from the guard, as for a proxy or a webhook. */
export type CreatedRouteOptions = false | RouteDeclaration

/** Severities by the id of the rule. */
export type RuleSeverities = { [id in RuleId]?: Severity }

/** A schema for each option, and for nothing else. */
type SchemasOf<Options> = { [Name in keyof Required<Options>]: TSchema & { static: Required<Options>[Name] } }

const closed = { additionalProperties: false, allowed: 'an object of options' }
const literals = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))))

const SeveritySchema = literals(['off', 'warn', 'error'])
const EnforcementSchema = literals(['throw', 'log'])
const PreconditionSchema = literals(['optional', 'required'])
const BooleanSchema = Type.Boolean({ allowed: 'true or false' })
const OriginSchema = Type.String({ allowed: 'an origin such as "https://api.example.com", with neither path nor trailing slash' })
const BasePathSchema = Type.String({ allowed: 'a path that begins with "/" and does not end with it, such as "/api"' })
const RulesSchema = Type.Unsafe<RuleSeverities>(
  Type.Partial(Type.Object(Object.fromEntries(RULES.map(({ id }) => [id, SeveritySchema])), closed))
)

const pluginSchemas: SchemasOf<PluginOptions> = {
  profile: literals(['recommended', 'strict']),
  rules: RulesSchema,
  enforcement: EnforcementSchema,
  origin: OriginSchema,
  basePath: BasePathSchema,
  allowedOrigins: Type.Array(OriginSchema, { allowed: 'a list of origins' }),
  precondition: PreconditionSchema,
  prefer: BooleanSchema,
  problemDetails: BooleanSchema,
  onViolation: Type.Unsafe<Required<PluginOptions>['onViolation']>(Type.Function([], Type.Any(), { allowed: 'a function of a violation and its request' }))
}
const PluginOptionsSchema = Type.Partial(Type.Object(pluginSchemas, closed))

const routeSchemas: SchemasOf<RouteDeclaration> = {
  home: BooleanSchema,
  precondition: PreconditionSchema,
  prefer: BooleanSchema,
  representation: BooleanSchema,
  verbatim: BooleanSchema,
  rules: RulesSchema,
  enforcement: EnforcementSchema
}
const RouteDeclarationSchema = Type.Partial(Type.Object(routeSchemas, { ...closed, allowed: 'false, or an object of options' }))

/** The plugin's options with every default filled in. */
export interface Settings {
  profile: Profile
  enforcement: Enforcement
  severities: Record<RuleId, Severity>
  precondition: Precondition
  /** As the route says itself. */
  ownPrecondition?: Precondition
  prefer: boolean
  problemDetails: boolean
  home: boolean
  representation: boolean
  verbatim: boolean
  server: Server
  onViolation?: PluginOptions['onViolation']
}

/** @throws FST_CREATED_OPTION_INVALID */
export function pluginSettings (options: PluginOptions): Settings {
  const where = 'fastify-created'
  checkOptions(where, '', PluginOptionsSchema, withoutRegisterOptions(options))
  if (options.origin !== undefined) checkOrigin(where, 'origin', options.origin)
  options.allowedOrigins?.forEach((origin, index) => checkOrigin(where, `allowedOrigins/${index}`, origin))
  if (options.basePath !== undefined) checkBasePath(where, options.basePath)

  const { profile = 'recommended', basePath = '', allowedOrigins = [], origin, onViolation } = options
  const severities = { ...profileSeverities(profile), ...options.rules }
  return {
    profile,
    // A creation that is already stored must not become a 500 that the client repeats.
    enforcement: options.enforcement ?? (process.env.NODE_ENV === 'production' ? 'log' : 'throw'),
    severities,
    precondition: options.precondition ?? (profile === 'strict' ? 'required' : 'optional'),
    prefer: options.prefer ?? false,
    problemDetails: options.problemDetails ?? false,
    home: true,
    representation: false,
    verbatim: false,
    server: { origin, basePath, allowedOrigins },
    onViolation
  }
}

/** @throws FST_CREATED_OPTION_INVALID */
export function routeSettings (settings: Settings, declared: unknown, route: { name: string }): Settings {
  if (declared === undefined || declared === false) return settings
  checkOptions(route.name, 'config.created', RouteDeclarationSchema, declared)
  const {
    rules, enforcement = settings.enforcement, precondition: ownPrecondition, prefer = settings.prefer,
    home = true, representation = false, verbatim = false
  } = declared as RouteDeclaration
  const severities = { ...settings.severities, ...rules }
  return { ...settings, enforcement, ownPrecondition, prefer, home, representation, verbatim, severities }
}

/** What `register` takes for itself reaches the plugin too. */
function withoutRegisterOptions ({ prefix, logLevel, logSerializers, ...own }: PluginOptions & RegisterOptions): PluginOptions {
  return own
}

function profileSeverities (profile: Profile): Record<RuleId, Severity> {
  return Object.fromEntries(RULES.map((rule) => [rule.id, rule[profile]])) as Record<RuleId, Severity>
}

function checkOrigin (where: string, path: string, origin: string): void {
  const own = URL.canParse(origin) && /^https?:/i.test(origin) ? new URL(origin).origin : undefined
  if (own === origin) return
  throw new FST_CREATED_OPTION_INVALID(where, path, show(origin), own === undefined ? OriginSchema.allowed : `${OriginSchema.allowed}; here that is "${own}"`)
}

function checkBasePath (where: string, basePath: string): void {
  if (basePath === '' || (refuseReference(basePath) === undefined && /^\/[^?]*[^/?]$/.test(basePath))) return
  throw new FST_CREATED_OPTION_INVALID(where, 'basePath', show(basePath), BasePathSchema.allowed)
}
