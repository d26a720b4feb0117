import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { findCaller, type Caller } from './source-position.js'

// Fastify publishes each new instance there.
const CHANNEL = 'fastify.initialization'

/** A route, and who declared it. */
export interface ObservedRoute extends Caller {
  scope: FastifyInstance
  /** Fastify's own object: hooks of the app may still change it. */
  options: RouteOptions
  /** Whether fastify-created was registered before the route was declared. */
  isAfterPlugin: boolean
}

/** A root instance of Fastify, and its routes so far. */
export interface ObservedApp {
  instance: FastifyInstance
  routes: ObservedRoute[]
}

/** The level of the app's own log. */
export type LogLevel = 'silent' | 'error'

/** Collects every Fastify app that is built from now on, with its routes, and keeps it from listening. */
export class FastifyObserver {
  readonly apps: ObservedApp[] = []
  /** Resolves when the first app has called listen() and booted: by then it has declared its routes. */
  readonly listened: Promise<void>
  readonly #onInstance: (message: unknown) => void

  constructor (logLevel: LogLevel) {
    let onListen!: (booted: PromiseLike<void>) => void
    this.listened = new Promise((resolve) => { onListen = resolve })
    this.#onInstance = (message) => {
      const { fastify: instance } = message as { fastify: FastifyInstance }
      // With `logger: false` the log has no level.
      if (Object(instance.log).level !== undefined) instance.log.level = logLevel
      replaceListen(instance, onListen)
      this.apps.push(observeRoutes(instance))
    }
    subscribe(CHANNEL, this.#onInstance)
  }

  stop (): void {
    unsubscribe(CHANNEL, this.#onInstance)
  }

  find (instance: unknown): ObservedApp | undefined {
    return this.apps.find((app) => app.instance === instance)
  }
}

function observeRoutes (instance: FastifyInstance): ObservedApp {
  const routes: ObservedRoute[] = []
  instance.addHook('onRoute', function (options) {
    // Fastify declares one for each GET route.
    if (options.method === 'HEAD') return
    routes.push({ scope: this, options, isAfterPlugin: this.hasPlugin('fastify-created'), ...findCaller() })
  })
  return { instance, routes }
}

/**
 * An app that listens when it is imported would occupy a port and never end. Instead it boots, and listen() succeeds in
 * any case: the error of a failed boot is read from ready() later.
 */
function replaceListen (instance: FastifyInstance, onListen: (booted: PromiseLike<void>) => void): void {
  const boot = (port: number) => {
    const booted = instance.ready().then(() => {}, () => {}).then(() => setServerAddress(instance, port))
    onListen(booted)
    return booted
  }
  const listen = (...args: unknown[]) => {
    const port = requestedPort(args)
    const booted = boot(port)
    const origin = `http://127.0.0.1:${port}`
    const callback = args.at(-1)
    if (typeof callback !== 'function') return booted.then(() => origin)
    booted.then(() => callback(null, origin))
  }
  const listenOnServer = (...args: unknown[]) => {
    boot(requestedPort(args)).then(() => {
      instance.server.emit('listening')
      const callback = args.at(-1)
      if (typeof callback === 'function') callback()
    })
    return instance.server
  }
  Object.assign(instance, { listen })
  Object.assign(instance.server, { listen: listenOnServer })
}

/** In the forms that Node and Fastify take. If any port will do, it is 1, which no server uses. */
function requestedPort ([first]: readonly unknown[]): number {
  const port = Number(Object(first).port ?? first)
  return port > 0 ? port : 1
}

/** `app.addresses()` reads it, too. */
function setServerAddress (instance: FastifyInstance, port: number): void {
  Object.assign(instance.server, { address: () => ({ address: '127.0.0.1', family: 'IPv4', port }) })
}

/** The version of each copy of Fastify that has built one of the apps: each copy has symbols of its own. */
export function fastifyVersions (apps: readonly ObservedApp[]): string[] {
  const versions = new Map(apps.map(({ instance }) => [stateSymbol(instance), instance.version]))
  return [...versions.values()]
}

function stateSymbol (instance: object): symbol | undefined {
  return Object.getOwnPropertySymbols(instance).find(({ description }) => description === 'fastify.state')
}
