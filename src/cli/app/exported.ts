import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { isPlain } from '../../util/plain-object.js'
import { CannotRun } from '../failure.js'

/** A function of no or one parameter that gives an instance, or a promise of one. */
export type Builder = (options: object) => unknown

/** What a module exports as its app. */
export type Exported =
  | { kind: 'instance', instance: FastifyInstance }
  | { kind: 'builder', build: Builder }
  | { kind: 'plugin', plugin: FastifyPluginAsync }
  /** By name alone it may export what could be an app. */
  | { kind: 'nothing', names: string[] }

/** @throws CannotRun for an export that is none of these */
export async function exportedBy (module: Record<string, unknown>, file: string): Promise<Exported> {
  const name = exportName(module)
  if (name === undefined) return { kind: 'nothing', names: Object.keys(module).filter((name) => isUsable(module[name])) }
  const settled = await settle(unwrapped(module[name]))
  const { value } = settled
  if (isInstance(value)) return { kind: 'instance', instance: value }
  if (isPlugin(value)) return { kind: 'plugin', plugin: value }
  if (typeof value === 'function') return { kind: 'builder', build: value as Builder }
  // CommonJS that exports nothing has an empty object as its default.
  if (name === 'default' && isPlain(value) && Object.keys(value).length === 0) return { kind: 'nothing', names: [] }
  throw new CannotRun(`The ${name === 'default' ? 'default export' : `export "${name}"`} of ${file} is ${kindOf(value)}. It must be a Fastify instance, a function that builds one, or a plugin.`)
}

function exportName (module: Record<string, unknown>): string | undefined {
  const { default: standard, app } = module
  if (app !== undefined && (standard === undefined || !isUsable(unwrapped(standard)))) return 'app'
  return standard === undefined ? undefined : 'default'
}

/** `module.exports = { app }`, and what TypeScript compiles `export default` to. */
function unwrapped (value: unknown): unknown {
  if (isUsable(value)) return value
  const { default: standard, app } = Object(value)
  return standard ?? app ?? value
}

function isUsable (value: unknown): boolean {
  return typeof value === 'function' || isInstance(value)
}

/** In an object: an instance is a thenable itself, and would be booted on the way. */
async function settle (value: unknown): Promise<{ value: unknown }> {
  return { value: !isInstance(value) && typeof Object(value).then === 'function' ? await value : value }
}

export function isInstance (value: unknown): value is FastifyInstance {
  if (typeof value !== 'object' || value === null) return false
  return ['register', 'addHook', 'ready', 'inject', 'close'].every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/** fastify-plugin marks what it wraps; a plain plugin takes the app and its options. */
function isPlugin (value: unknown): value is FastifyPluginAsync {
  return typeof value === 'function' && (value.length >= 2 || Symbol.for('skip-override') in value)
}

export function kindOf (value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  const names = Object.keys(value).slice(0, 3)
  return names.length === 0 ? 'an empty object' : `an object with ${names.join(', ')}`
}
