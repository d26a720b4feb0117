import { CommandError, type MessageParts } from '../command-error.js'
import { APP, type AppExport } from './app-export.js'
import { exportLine } from './export-line.js'
import type { FastifyObserver, ObservedApp } from './fastify-observer.js'
import { build, newApp } from './load.js'
import type { ProcessMonitor } from './process-monitor.js'
import { relativePath } from './source-position.js'

/** The app that a file exports or builds. @throws CommandError */
export async function findApp (
  appExport: AppExport, path: string, observer: FastifyObserver, monitor: ProcessMonitor
): Promise<ObservedApp> {
  switch (appExport.kind) {
    case 'instance': return observedApp(appExport.instance, path, observer)
    case 'builder': return observedApp((await build(appExport.build, path)).instance, path, observer)
    case 'plugin': {
      const { instance } = await newApp(path)
      instance.register(appExport.plugin)
      return observedApp(instance, path, observer)
    }
    case 'none': {
      // A function that nothing waits for may still be building it.
      await Promise.race([monitor.idle, observer.listened])
      return onlyApp(path, appExport.names, observer.apps)
    }
  }
}

function observedApp (instance: unknown, path: string, observer: FastifyObserver): ObservedApp {
  const app = observer.find(instance)
  if (app !== undefined) return app
  const { version } = Object(instance)
  const name = typeof version === 'string' ? `an object of Fastify ${version}` : 'an object'
  throw new CommandError({
    failed: `Cannot inspect the app of ${relativePath(path)}.`,
    found: `${name} that was not announced on the diagnostics channel fastify.initialization`,
    required: 'an instance of Fastify 5, not a wrapper around one',
    fix: `${exportLine(path)}, where app is what Fastify() returned`
  })
}

function onlyApp (path: string, names: readonly string[], apps: readonly ObservedApp[]): ObservedApp {
  if (apps.length === 1) return apps[0]
  throw new CommandError({
    failed: `Cannot find an app in ${relativePath(path)}.`,
    required: `a default export or an export named "app": ${APP}`,
    ...describeExports(path, names, apps.length)
  })
}

function describeExports (
  path: string, [name, ...others]: readonly string[], apps: number
): Pick<MessageParts, 'found' | 'fix'> {
  if (apps > 1) return { found: `no export, and ${apps} Fastify instances`, fix: exportLine(path) }
  if (name === undefined) return { found: 'no export, and no Fastify instance', fix: exportLine(path) }
  const condition = others.length > 0 ? `, if ${name} is the app` : ''
  return { found: `only the exports ${[name, ...others].join(', ')}`, fix: exportLine(path, name) + condition }
}
