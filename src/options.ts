import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import type { FastifyRequest, RegisterOptions } from 'fastify'
import type { Enforcement, Profile } from './exchange.js'
import { FST_CREATED_OPTION_INVALID } from './errors.js'
import { refuseReference } from './location.js'
import { RULES, type RuleId, type Severity } from './rules.js'
import { show } from './show.js'

/** One broken rule, as {@link PluginOptions.onViolation} gets it. */
export interface Violation {
  rule: RuleId
  severity: 'warn' | 'error'
  /** What was required, what was found, and how to mend it. It may quote the answer: it is not for clients. */
  message: string
  /** The section of the specification. */
  spec: string
  method: string
  /** The pattern of the route, such as `/users/:id`. */
  url: string
}

type OnViolation = (violation: Violation, request: FastifyRequest | undefined) => void

const closed = { additionalProperties: false }
const literals = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))))

const SeveritySchema = literals(['off', 'warn', 'error'])
const EnforcementSchema = literals(['throw', 'log'])
const OriginSchema = Type.String({ allowed: 'an origin such as "https://api.example.com", with neither path nor trailing slash' })
const BasePathSchema = Type.String({ allowed: 'a path that begins with "/" and does not end with it, such as "/api"' })
const RulesSchema = Type.Unsafe<{ [id in RuleId]?: Severity }>(
  Type.Partial(Type.Object(Object.fromEntries(RULES.map(({ id }) => [id, SeveritySchema])), closed))
)

export const PluginOptionsSchema = Type.Partial(Type.Object({
  /** How severe the rules are. Default: `recommended`. */
  profile: literals(['recommended', 'strict']),
  /** The severity of single rules, over the profile's. Default: none. */
  rules: RulesSchema,
  /**
   * What a broken rule of severity `error` does: `throw` answers 500 with `FST_CREATED_VIOLATION`, `log` logs it and
   * lets the response go. Default: `log` where `NODE_ENV` is `production`, else `throw`.
   */
  enforcement: EnforcementSchema,
  /** Scheme, host and port, such as `https://api.example.com`, to make every Location absolute with. Default: none, Location is a path. */
  origin: OriginSchema,
  /** What a reverse proxy strips from the path before the app sees it, such as `/api`. Default: nothing. */
  basePath: BasePathSchema,
  /** Other origins that a Location may be on. Default: none. */
  allowedOrigins: Type.Array(OriginSchema, { allowed: 'a list of origins' }),
  /** Called for every broken rule, warnings too, thrown or logged. `request` is `undefined` at boot. Default: none. */
  onViolation: Type.Unsafe<OnViolation>(Type.Function([], Type.Any(), { allowed: 'a function of a violation and its request' }))
}, closed))

const RouteDeclarationSchema = Type.Partial(Type.Object({
  /** PUT stores the bytes as they were sent, so its answer may carry their validator (RFC 9110 section 9.3.4). Default: `false`. */
  verbatim: Type.Boolean({ allowed: 'true or false' }),
  /** The severity of single rules on this route, over the plugin's. Default: none. */
  rules: RulesSchema,
  /** As the plugin's option, for this route. */
  enforcement: EnforcementSchema
}, closed))

export const RouteOptionsSchema = Type.Union([Type.Literal(false), RouteDeclarationSchema])

/** Options of the plugin. */
export type PluginOptions = Static<typeof PluginOptionsSchema>

/** `config.created` of a route: `false` exempts it from the guard, as for a proxy or a webhook. */
export type CreatedRouteOptions = Static<typeof RouteOptionsSchema>

/** The plugin's options with every default filled in. */
export interface Settings {
  profile: Profile
  enforcement: Enforcement
  severities: Record<RuleId, Severity>
  verbatim: boolean
  server: { origin?: string, basePath: string, allowedOrigins: readonly string[] }
  onViolation?: OnViolation
}

/** @throws FST_CREATED_OPTION_INVALID */
export function pluginSettings (options: PluginOptions): Settings {
  const where = 'fastify-created'
  check(where, '', PluginOptionsSchema, withoutRegisterOptions(options))
  if (options.origin !== undefined) checkOrigin(where, 'origin', options.origin)
  options.allowedOrigins?.forEach((origin, index) => checkOrigin(where, `allowedOrigins/${index}`, origin))
  if (options.basePath !== undefined) checkBasePath(where, options.basePath)

  const { profile = 'recommended', basePath = '', allowedOrigins = [], origin, onViolation } = options
  return {
    profile,
    // A creation that is already stored must not become a 500 that the client repeats.
    enforcement: options.enforcement ?? (process.env.NODE_ENV === 'production' ? 'log' : 'throw'),
    severities: { ...profileSeverities(profile), ...options.rules },
    verbatim: false,
    server: { origin, basePath, allowedOrigins },
    onViolation
  }
}

/** @throws FST_CREATED_OPTION_INVALID */
export function routeSettings (settings: Settings, declared: unknown, where: string): Settings {
  if (declared === undefined || declared === false) return settings
  check(where, 'config.created', RouteDeclarationSchema, declared)
  const { rules, verbatim = settings.verbatim, enforcement = settings.enforcement } = declared as Static<typeof RouteDeclarationSchema>
  return { ...settings, verbatim, enforcement, severities: { ...settings.severities, ...rules } }
}

/** What `register` takes for itself reaches the plugin too. */
function withoutRegisterOptions ({ prefix, logLevel, logSerializers, ...own }: PluginOptions & RegisterOptions): PluginOptions {
  return own
}

function profileSeverities (profile: Profile): Record<RuleId, Severity> {
  return Object.fromEntries(RULES.map((rule) => [rule.id, rule[profile]])) as Record<RuleId, Severity>
}

function check (where: string, root: string, schema: TSchema, value: unknown): void {
  const error = Value.Errors(schema, value).First()
  if (error === undefined) return
  const path = [root, ...error.path.split('/').slice(1)].filter((part) => part !== '').join('/')
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const parent = path.split('/').slice(0, -1).join('/')
    throw new FST_CREATED_OPTION_INVALID(where, path, `unknown (its value is ${show(error.value)})`, `${parent && `below ${parent}: `}${namesBelow(schema, error)}`)
  }
  throw new FST_CREATED_OPTION_INVALID(where, path, show(error.value), allowedBy(error.schema, root))
}

function namesBelow (schema: TSchema, error: ValueError): string {
  const parents = error.path.split('/').slice(1, -1)
  const parent = parents.reduce<TSchema>((inner, name) => inner.properties[name], schema)
  return Object.keys(parent.properties).join(', ')
}

function allowedBy (schema: TSchema, root: string): string {
  if (typeof schema.allowed === 'string') return schema.allowed
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map((option: TSchema) => show(option.const)).join(', ')
  return root === 'config.created' ? 'false, or an object of options' : 'an object of options'
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
