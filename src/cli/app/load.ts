import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { CommandError } from '../command-error.js'
import { describeError, describeFailure, isOwnError, ProcessExitError } from './app-errors.js'
import { describeValue, findAppExport, isInstance, type AppExport, type Builder } from './app-export.js'
import { relativePath } from './source-position.js'

const HOST_AND_PORT = /^[\w.-]+:\d+(\/|$)/
const TYPESCRIPT = /\.[cm]?tsx?$/
const TYPESCRIPT_ERRORS = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'
])

/** @returns the absolute path @throws CommandError if there is no such file */
export function existingFile (file: string): string {
  const path = resolve(file)
  const stats = statSync(path, { throwIfNoEntry: false })
  const required = 'the file that exports the app'
  if (stats === undefined) {
    const fix = HOST_AND_PORT.test(file)
      ? `for a server, write its URL: http://${file}`
      : 'write the path from the working directory, such as src/app.js'
    throw new CommandError({ failed: `Cannot find ${file}.`, found: `no file at ${path}`, required, fix })
  }
  if (!stats.isFile()) {
    const fix = `write the path of the file, such as ${file}/app.js`
    throw new CommandError({ failed: `Cannot load ${file}.`, found: 'a folder', required, fix })
  }
  return path
}

/** Imports the module, which runs its code. */
export async function importApp (path: string): Promise<AppExport> {
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw isTypeScriptError(error, path) ? typeScriptError(error, path) : error
  }
  return findAppExport(module, relativePath(path))
}

function isTypeScriptError (error: unknown, path: string): boolean {
  return TYPESCRIPT_ERRORS.has(Object(error).code) && TYPESCRIPT.test(path)
}

function typeScriptError (error: unknown, path: string): CommandError {
  const file = relativePath(path)
  return new CommandError({
    failed: `Cannot load ${file}.`,
    found: `TypeScript that Node ${process.versions.node} cannot run by itself: ${describeError(error)}`,
    required: 'a loader for TypeScript, such as tsx',
    fix: `NODE_OPTIONS="--import tsx" npx fastify-created lint ${file}`
  })
}

/** An instance, in an object: it is a thenable, so returned as it is from an async function it would boot. */
interface Built { instance: FastifyInstance }

const PLUGIN_FIX = 'If it is a plugin, add its second parameter: (app, options), or wrap it with fastify-plugin'

/** @throws CommandError if the function does not return an instance */
export async function build (builder: Builder, path: string): Promise<Built> {
  const { returned: instance } = await call(builder, path)
  if (isInstance(instance)) return { instance }
  throw new CommandError({
    failed: `Cannot use the function that ${relativePath(path)} exports.`,
    found: `it returned ${describeValue(instance)}`,
    required: 'a function that returns a Fastify instance',
    fix: builder.length === 1 ? `return app. ${PLUGIN_FIX}` : 'return app'
  })
}

async function call (builder: Builder, path: string): Promise<{ returned: unknown }> {
  try {
    const returned = builder({})
    return { returned: isInstance(returned) ? returned : await returned }
  } catch (error) {
    // Only a function of one parameter may be a plugin, or need options.
    if (builder.length !== 1 || error instanceof ProcessExitError || isOwnError(error)) throw error
    throw new CommandError({
      failed: `Cannot load ${relativePath(path)}.`,
      found: `the exported function, called with {}, threw: ${describeFailure(error).found}`,
      required: 'a function that builds an app without any options, or a plugin',
      fix: `export default () => build({ … }). ${PLUGIN_FIX}`
    })
  }
}

/** A new app, of the Fastify that the file itself would import. */
export async function newApp (path: string): Promise<Built> {
  const { default: Fastify } = await importFastify(path)
  return { instance: Fastify() }
}

async function importFastify (path: string): Promise<typeof import('fastify')> {
  let specifier: string
  try {
    specifier = pathToFileURL(createRequire(path).resolve('fastify')).href
  } catch {
    specifier = 'fastify'
  }
  return import(specifier)
}
