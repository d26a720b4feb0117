import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { exportedBy, isInstance, kindOf, type Builder, type Exported } from './exported.js'
import { CannotRun, Exited, whatWasThrown } from '../failure.js'
import { placeOfError, shortFile } from './place.js'
import { isRefusal } from './refusal.js'

const HOST_AND_PORT = /^[\w.-]+:\d+(\/|$)/
const TYPESCRIPT = /\.[cm]?tsx?$/

/** @returns its absolute path @throws CannotRun where there is no such file */
export function existingFile (file: string): string {
  const path = resolve(file)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new CannotRun(`There is no file ${file}.${HOST_AND_PORT.test(file) ? ` If a server is meant: http://${file}` : ''}`)
  if (!stats.isFile()) throw new CannotRun(`${file} is a folder: give the file that exports the app.`)
  return path
}

/** What the module exports. Its code runs. */
export async function importApp (path: string): Promise<Exported> {
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw explained(error, path)
  }
  return exportedBy(module, shortFile(path))
}

/** Where TypeScript is at fault, how it can be run; else the error itself. */
function explained (error: unknown, path: string): unknown {
  const { code } = Object(error)
  const isUnread = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code)
  if (!isUnread || !TYPESCRIPT.test(path)) return error
  const file = shortFile(path)
  return new CannotRun(`${file} is TypeScript that Node ${process.versions.node} does not run by itself: ${whatWasThrown(error)}. Run it with a loader, such as tsx: NODE_OPTIONS="--import tsx" npx fastify-created lint ${file}`)
}

/** An instance, in an object: it is a thenable, and would be booted on the way. */
export interface Built { instance: FastifyInstance }

/** @throws CannotRun where the function gives none */
export async function build (builder: Builder, path: string): Promise<Built> {
  const { given: instance } = await call(builder, path)
  if (isInstance(instance)) return { instance }
  const advice = builder.length === 1 ? ' A plugin of one parameter is taken for such a function: wrap it with fastify-plugin, or give it the parameter (app, options).' : ''
  throw new CannotRun(`The function that ${shortFile(path)} exports gave ${kindOf(instance)}. It must give a Fastify instance.${advice}`)
}

/** What it gives, in an object. */
async function call (builder: Builder, path: string): Promise<{ given: unknown }> {
  try {
    const given = builder({})
    return { given: isInstance(given) ? given : await given }
  } catch (error) {
    // Without a parameter it can be neither; an app that refuses itself was built.
    if (builder.length !== 1 || error instanceof Exited || isRefusal(error)) throw error
    throw new CannotRun(`${loadingFailed(error, path).message} It was called as a function that builds an app, with {}. If it is a plugin, write (app, options), or wrap it with fastify-plugin. If it needs options, export one that needs nothing.`)
  }
}

/** A new app, of the Fastify that the file itself would import. */
export async function newApp (path: string): Promise<Built> {
  const { default: Fastify } = await importFastify(path)
  return { instance: Fastify() }
}

async function importFastify (path: string): Promise<typeof import('fastify')> {
  let own: string
  try {
    own = pathToFileURL(createRequire(path).resolve('fastify')).href
  } catch {
    own = 'fastify'
  }
  return import(own)
}

/** @throws CannotRun that names where it came from */
export function loadingFailed (error: unknown, path: string): CannotRun {
  if (error instanceof CannotRun) return error
  return new CannotRun(`${shortFile(path)} cannot be loaded: ${whatWasThrown(error, placeOfError(error))}.`)
}
