import type { FastifyInstance } from 'fastify'
import { CommandError, formatLine } from '../command-error.js'
import { describeFailure, isOwnError, StalledError, TimeoutError } from './app-errors.js'
import type { AppExport } from './app-export.js'
import { appWithBootViolation, type BootViolation } from './boot-violation.js'
import { exportLine } from './export-line.js'
import { FastifyObserver, fastifyVersions, type LogLevel, type ObservedApp } from './fastify-observer.js'
import { findApp } from './find-app.js'
import { existingFile, importApp } from './load.js'
import { ProcessMonitor } from './process-monitor.js'
import { relativePath } from './source-position.js'
import { withTimeout } from './with-timeout.js'

/** An app that has booted, or that a rule of fastify-created keeps from booting. */
export interface LoadedApp {
  app: ObservedApp
  bootViolation?: BootViolation
}

interface LoadOptions {
  file: string
  /** Seconds for loading, and for closing. */
  timeout: number
  logLevel: LogLevel
}

interface WithNotes<T> { result: T, notes: string[] }

interface LoadContext {
  path: string
  timeout: number
  observer: FastifyObserver
  monitor: ProcessMonitor
}

// In seconds. If the app cannot be loaded, there is nothing to wait for.
const CLOSE_TIMEOUT_AFTER_ERROR = 1

/**
 * Loads an app, boots it without listening, passes it to `use`, and closes it.
 * @returns the result of `use`, and notes for the user on how the app was loaded and closed
 * @throws CommandError
 */
export async function withApp<T> (
  { file, timeout, logLevel }: LoadOptions, use: (loaded: LoadedApp) => Promise<T>
): Promise<WithNotes<T>> {
  const path = existingFile(file)
  const context = { path, timeout, observer: new FastifyObserver(logLevel), monitor: new ProcessMonitor() }
  try {
    return await loadAndUse(context, use)
  } finally {
    context.observer.stop()
    context.monitor.stop()
  }
}

async function loadAndUse<T> (context: LoadContext, use: (loaded: LoadedApp) => Promise<T>): Promise<WithNotes<T>> {
  const { path, timeout, monitor } = context
  const file = relativePath(path)
  try {
    const { result: loaded, notes } = await load(context).catch((error) => {
      const required = 'an app that loads and boots without errors, with the environment variables that it needs'
      throw toCommandError(error, `Cannot load ${file}.`, required)
    })
    const result = await monitor.watch(use(loaded)).catch((error) => {
      const required = 'an app that handles its errors, and responds to every request'
      throw toCommandError(error, `The app in ${file} stopped working.`, required)
    })
    return { result, notes: [...notes, ...await closeApps(context, timeout)] }
  } catch (error) {
    await closeApps(context, CLOSE_TIMEOUT_AFTER_ERROR)
    throw error
  }
}

function toCommandError (error: unknown, failed: string, required: string): CommandError {
  if (error instanceof CommandError) return error
  if (isOwnError(error)) return new CommandError(`${failed} ${error.message}`)
  return new CommandError({ failed, required, ...describeFailure(error) })
}

async function load ({ path, timeout, observer, monitor }: LoadContext): Promise<WithNotes<LoadedApp>> {
  const notes: string[] = []
  const boot = async (): Promise<LoadedApp> => {
    const appExport = await importApp(path)
    const app = await findApp(appExport, path, observer, monitor)
    notes.push(...exportNotes(appExport, path))
    await app.instance.ready()
    return { app }
  }
  const onError = (error: unknown) => appWithBootViolation(error, observer)
  const steps = [boot().catch(onError), monitor.crashed.catch(onError), monitor.stalled()]
  const loaded = await withTimeout(Promise.race(steps), timeout)
  monitor.resetCrash()
  return { result: loaded, notes: [...notes, ...versionNotes(loaded.app, observer)] }
}

function exportNotes ({ kind }: AppExport, path: string): string[] {
  if (kind === 'plugin') {
    return ['The file exports a plugin, so it was registered on a new app. Decorators and hooks of its parent app ' +
      'are missing. To include them, use the file of the parent app.']
  }
  if (kind === 'none') {
    return [`The file exports no app, so the one that it builds was used. To export it, write: ${exportLine(path)}`]
  }
  return []
}

function versionNotes ({ instance }: ObservedApp, { apps }: FastifyObserver): string[] {
  const versions = fastifyVersions(apps)
  const notes: string[] = []
  if (versions.length > 1) {
    notes.push(`${versions.length} copies of Fastify are loaded, ${versions.join(' and ')}. ` +
      'Plugins of one copy may not work with the other. To find out where they come from, run: npm ls fastify')
  }
  if (!instance.version.startsWith('5.')) {
    notes.push(`The app uses Fastify ${instance.version}. fastify-created requires Fastify 5. ` +
      'To upgrade, run: npm install fastify@5')
  }
  return notes
}

/** @returns a note on each failure */
async function closeApps ({ observer, monitor }: LoadContext, timeout: number): Promise<string[]> {
  const notes = await Promise.all(observer.apps.map(({ instance }) =>
    withTimeout(monitor.watch(close(instance)), timeout).catch(closeNote)))
  // After a crash all apps have the same note.
  return [...new Set(notes)].filter((note) => note !== undefined)
}

async function close (instance: FastifyInstance): Promise<string | undefined> {
  try {
    await instance.close()
  } catch (error) {
    const required = 'onClose hooks without errors'
    return formatLine({ failed: 'app.close() failed.', required, ...describeFailure(error) })
  }
}

function closeNote (error: unknown): string {
  const isUnfinished = error instanceof StalledError || error instanceof TimeoutError
  return formatLine({
    failed: isUnfinished ? 'app.close() did not finish.' : 'The app threw an error after it had booted.',
    required: isUnfinished ? 'onClose hooks that finish' : 'an app that handles its errors',
    ...describeFailure(error)
  })
}
