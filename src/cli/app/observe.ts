import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { callerFromHere, type Caller } from './place.js'

const CHANNEL = 'fastify.initialization'

/** A route as it was declared, and by whom. */
export interface ObservedRoute extends Caller {
  scope: FastifyInstance
  /** What hooks of the app have made of it: a plugin may have replaced its `config`. */
  declared: RouteOptions
  /** Whether fastify-created was there already. */
  isGuardedThen: boolean
}

/** One root instance of Fastify, and its routes so far. */
export interface ObservedApp {
  instance: FastifyInstance
  routes: ObservedRoute[]
}

/** How talkative the app's own log is meanwhile. */
export type LogLevel = 'silent' | 'error'

/** Every app that is built while it lasts, whatever becomes of it. Fastify tells of each through a channel of diagnostics. */
export class Observation {
  readonly apps: ObservedApp[] = []
  /** When the first of them has called listen(), and booted: then it has declared what it declares. */
  readonly listened: Promise<void>
  readonly #see: (message: unknown) => void

  constructor (logLevel: LogLevel) {
    let onListen!: (booted: PromiseLike<void>) => void
    this.listened = new Promise((resolve) => { onListen = resolve })
    this.#see = (message) => {
      const { fastify: instance } = message as { fastify: FastifyInstance }
      // An app without a log has one without levels.
      if (Object(instance.log).level !== undefined) instance.log.level = logLevel
      keepFromListening(instance, onListen)
      this.apps.push(observe(instance))
    }
    subscribe(CHANNEL, this.#see)
  }

  end (): void {
    unsubscribe(CHANNEL, this.#see)
  }

  of (instance: unknown): ObservedApp | undefined {
    return this.apps.find((app) => app.instance === instance)
  }
}

function observe (instance: FastifyInstance): ObservedApp {
  const routes: ObservedRoute[] = []
  instance.addHook('onRoute', function (declared) {
    // Fastify's own, beside each GET route.
    if (declared.method === 'HEAD') return
    routes.push({ scope: this, declared, isGuardedThen: this.hasPlugin('fastify-created'), ...callerFromHere() })
  })
  return { instance, routes }
}

/**
 * An app that listens when it is imported would occupy a port and never end. It boots instead, and is told that all
 * went well: why it did not boot is asked later.
 */
function keepFromListening (instance: FastifyInstance, onListen: (booted: PromiseLike<void>) => void): void {
  const boot = (port: number) => {
    const booted = instance.ready().then(() => {}, () => {}).then(() => seemToListen(instance, port))
    onListen(booted)
    return booted
  }
  const listen = (...args: unknown[]) => {
    const port = portIn(args)
    const booted = boot(port)
    const origin = `http://127.0.0.1:${port}`
    const callback = args.at(-1)
    if (typeof callback !== 'function') return booted.then(() => origin)
    booted.then(() => callback(null, origin))
  }
  const listenOnServer = (...args: unknown[]) => {
    boot(portIn(args)).then(() => {
      instance.server.emit('listening')
      const callback = args.at(-1)
      if (typeof callback === 'function') callback()
    })
    return instance.server
  }
  Object.assign(instance, { listen })
  Object.assign(instance.server, { listen: listenOnServer })
}

/** As Node and Fastify take it. Where any will do, it is one that nobody listens on. */
function portIn ([first]: readonly unknown[]): number {
  const port = Number(Object(first).port ?? first)
  return port > 0 ? port : 1
}

function seemToListen (instance: FastifyInstance, port: number): void {
  // What Fastify itself says of its addresses comes from here.
  Object.assign(instance.server, { address: () => ({ address: '127.0.0.1', family: 'IPv4', port }) })
}

/** Whether several copies of Fastify have built the apps: each has symbols of its own. */
export function copiesOfFastify (apps: readonly ObservedApp[]): string[] {
  const versions = new Map(apps.map(({ instance }) => [stateSymbol(instance), instance.version]))
  return [...versions.values()]
}

function stateSymbol (instance: object): symbol | undefined {
  return Object.getOwnPropertySymbols(instance).find(({ description }) => description === 'fastify.state')
}
