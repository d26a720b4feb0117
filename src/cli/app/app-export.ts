import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { formatKey } from '../../util/format-value.js'
import { isPlainObject } from '../../util/plain-object.js'
import { CommandError } from '../command-error.js'

/** A function of no or one parameter that returns an instance, or a promise of one. */
export type Builder = (options: object) => unknown

/** What a module exports as its app. */
export type AppExport =
  | { kind: 'instance', instance: FastifyInstance }
  | { kind: 'builder', build: Builder }
  | { kind: 'plugin', plugin: FastifyPluginAsync }
  /** `names` are other exports that may be an app. */
  | { kind: 'none', names: string[] }

/** What messages require. */
export const APP = 'a Fastify instance, a function that returns one, or a plugin'

/** @throws CommandError if the export is none of these */
export async function findAppExport (module: Record<string, unknown>, file: string): Promise<AppExport> {
  const name = exportName(module)
  if (name === undefined) {
    return { kind: 'none', names: Object.keys(module).filter((name) => isFunctionOrInstance(module[name])) }
  }
  const { value } = await resolveValue(unwrap(module[name]))
  if (isInstance(value)) return { kind: 'instance', instance: value }
  if (isPlugin(value)) return { kind: 'plugin', plugin: value }
  if (typeof value === 'function') return { kind: 'builder', build: value as Builder }
  // A CommonJS module without exports has an empty object as its default.
  if (name === 'default' && isPlainObject(value) && Object.keys(value).length === 0) return { kind: 'none', names: [] }
  throw new CommandError({
    failed: `Cannot use the ${name === 'default' ? 'default export' : `export "${name}"`} of ${file}.`,
    found: describeValue(value),
    required: APP,
    fix: name === 'default' ? 'export default app' : 'export const app = Fastify()'
  })
}

function exportName (module: Record<string, unknown>): string | undefined {
  const { default: defaultExport, app } = module
  if (app !== undefined && (defaultExport === undefined || !isFunctionOrInstance(unwrap(defaultExport)))) return 'app'
  return defaultExport === undefined ? undefined : 'default'
}

/** `module.exports = { app }`, and an `export default` that TypeScript compiled to CommonJS. */
function unwrap (value: unknown): unknown {
  if (isFunctionOrInstance(value)) return value
  const { default: defaultExport, app } = Object(value)
  return defaultExport ?? app ?? value
}

function isFunctionOrInstance (value: unknown): boolean {
  return typeof value === 'function' || isInstance(value)
}

/** In an object, because an instance is a thenable: returned as it is from an async function it would boot. */
async function resolveValue (value: unknown): Promise<{ value: unknown }> {
  return { value: !isInstance(value) && typeof Object(value).then === 'function' ? await value : value }
}

export function isInstance (value: unknown): value is FastifyInstance {
  if (typeof value !== 'object' || value === null) return false
  const methods = ['register', 'addHook', 'ready', 'inject', 'close']
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/** fastify-plugin marks the functions that it wraps. Any other plugin takes the app and its options. */
function isPlugin (value: unknown): value is FastifyPluginAsync {
  return typeof value === 'function' && (value.length >= 2 || Symbol.for('skip-override') in value)
}

export function describeValue (value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  const names = Object.keys(value).slice(0, 3).map(formatKey)
  return names.length === 0 ? 'an empty object' : `an object with ${names.join(', ')}`
}
