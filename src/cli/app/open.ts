import type { FastifyInstance } from 'fastify'
import { CannotRun, whatWasThrown } from '../failure.js'
import { build, existingFile, importApp, loadingFailed, newApp } from './load.js'
import { copiesOfFastify, Observation, type LogLevel, type ObservedApp } from './observe.js'
import { inTime } from './patience.js'
import { placeOfError, shortFile } from './place.js'
import { refusedApp, type Refusal } from './refusal.js'
import { Sandbox } from './sandbox.js'
import type { Exported } from './exported.js'

/** An app that has booted, or that its own rules have refused. */
export interface OpenApp {
  app: ObservedApp
  /** Why it does not boot. */
  refusal?: Refusal
}

export interface Opening {
  file: string
  /** Seconds for each step. */
  patience: number
  logLevel: LogLevel
}

// For what could not be opened, in seconds: the command has failed already.
const LAST_PATIENCE = 1

/**
 * Loads an app, boots it without listening, hands it to `use`, and closes it.
 * @returns what came of it, and what one has to know of how it was opened and closed
 * @throws CannotRun, at once where there is no such file
 */
export function withApp<T> (opening: Opening, use: (open: OpenApp) => Promise<T>): Promise<{ result: T, notes: string[] }> {
  const path = existingFile(opening.file)
  const observation = new Observation(opening.logLevel)
  const sandbox = new Sandbox()
  return useApp(path, opening.patience, observation, sandbox, use).finally(() => {
    observation.end()
    sandbox.release()
  })
}

async function useApp<T> (path: string, patience: number, observation: Observation, sandbox: Sandbox, use: (open: OpenApp) => Promise<T>): Promise<{ result: T, notes: string[] }> {
  const notes: string[] = []
  try {
    const open = await openApp(path, patience, observation, sandbox, notes).catch((error) => { throw loadingFailed(error, path) })
    const result = await sandbox.watch(use(open), 'what it was asked').catch((error) => { throw crashed(error) })
    notes.push(...await closeAll(observation, sandbox, patience))
    return { result, notes }
  } catch (error) {
    await closeAll(observation, sandbox, LAST_PATIENCE)
    throw error
  }
}

function crashed (error: unknown): CannotRun {
  return error instanceof CannotRun ? error : new CannotRun(`The app crashed: ${whatWasThrown(error, placeOfError(error))}.`)
}

async function openApp (path: string, patience: number, observation: Observation, sandbox: Sandbox, notes: string[]): Promise<OpenApp> {
  const steps = async () => {
    const exported = await importApp(path)
    const app = await appOf(exported, path, observation, sandbox)
    notes.push(...notesOn(exported))
    await app.instance.ready()
    return { app }
  }
  const refused = (error: unknown) => refusedApp(error, observation)
  const understood = sandbox.crashed.catch(refused)
  const opened = steps().catch(refused)
  const open = await inTime(Promise.race([opened, understood, sandbox.sleep('booting')]), patience, `${shortFile(path)} was not ready`)
  sandbox.forgive()
  notes.push(...notesOnFastify(open.app, observation))
  return open
}

function notesOn ({ kind }: Exported): string[] {
  if (kind === 'plugin') return ['The file exports a plugin, which was registered on an app of its own. What its parent gives it elsewhere is not there.']
  if (kind === 'nothing') return ['The file exports no app, so the one that it builds was taken. Better export it: export default app']
  return []
}

function notesOnFastify ({ instance }: ObservedApp, { apps }: Observation): string[] {
  const versions = copiesOfFastify(apps)
  const notes: string[] = []
  if (versions.length > 1) notes.push(`${versions.length} copies of Fastify are loaded, ${versions.join(' and ')}, and what one of them knows, the others do not. npm ls fastify shows where they come from.`)
  if (!instance.version.startsWith('5.')) notes.push(`The app runs on Fastify ${instance.version}, and fastify-created needs 5.`)
  return notes
}

async function appOf (exported: Exported, path: string, observation: Observation, sandbox: Sandbox): Promise<ObservedApp> {
  switch (exported.kind) {
    case 'instance': return seen(exported.instance, path, observation)
    case 'builder': return seen((await build(exported.build, path)).instance, path, observation)
    case 'plugin': {
      const { instance } = await newApp(path)
      instance.register(exported.plugin)
      return seen(instance, path, observation)
    }
    case 'nothing': return theOnly(path, exported.names, observation, sandbox)
  }
}

function seen (instance: unknown, path: string, observation: Observation): ObservedApp {
  const app = observation.of(instance)
  if (app !== undefined) return app
  throw new CannotRun(`The command cannot see into the app of ${shortFile(path)}: its Fastify${versionOf(instance)} did not tell of it when it was built. It is older than 4, or a wrapper around the instance. Export the instance itself, of Fastify 5.`)
}

function versionOf (instance: unknown): string {
  const { version } = Object(instance)
  return typeof version === 'string' ? ` ${version}` : ''
}

/** Of a module that exports nothing, but builds one and lets it listen. */
async function theOnly (path: string, names: readonly string[], observation: Observation, sandbox: Sandbox): Promise<ObservedApp> {
  // It may be built by a function that is still at work.
  await Promise.race([sandbox.idle, observation.listened])
  const { apps } = observation
  if (apps.length === 1) return apps[0]
  if (apps.length === 0 && names.length > 0) throw new CannotRun(onlyNamed(path, names))
  throw new CannotRun(apps.length === 0
    ? `${shortFile(path)} exports no app, and builds none. Export a Fastify instance, a function that builds one, or a plugin, as the default or as "app".`
    : `${shortFile(path)} exports no app, and builds ${apps.length} of them. Export the one that is meant, as the default or as "app".`)
}

function onlyNamed (path: string, names: readonly string[]): string {
  const meant = names.length === 1 ? names[0] : '<the one that builds the app>'
  return `${shortFile(path)} exports ${names.join(', ')}, but neither a default nor "app". Add: export default ${meant}`
}

/** @returns what went wrong with it */
async function closeAll ({ apps }: Observation, sandbox: Sandbox, patience: number): Promise<string[]> {
  const closed = apps.map(({ instance }) =>
    inTime(sandbox.watch(close(instance), 'closing'), patience, 'The app did not close').catch(crashedLate))
  // A crash is not of one of them.
  return [...new Set(await Promise.all(closed))].filter((note) => note !== undefined)
}

async function close (instance: FastifyInstance): Promise<string | undefined> {
  try {
    await instance.close()
  } catch (error) {
    return `The app did not close: ${whatWasThrown(error, placeOfError(error))}.`
  }
}

function crashedLate (error: unknown): string {
  return error instanceof CannotRun ? error.message : `The app threw after it had booted: ${whatWasThrown(error, placeOfError(error))}.`
}
