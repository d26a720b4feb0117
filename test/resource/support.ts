import type { FastifyInstance, RouteHandlerMethod } from 'fastify'
import type { Test } from 'tap'
import {
  resource, type CreatedInit, type FastifyCreatedOptions, type Resource, type ResourceOptions
} from '../../src/index.js'
import { appWith, type AppWith } from '../support.js'

export const ann = { id: '1', name: 'Ann', version: 7, changed: new Date('2020-02-03T04:05:06.789Z') }

export const version = (user: { version: number }): number => user.version

/** A handler that responds with `created(value, init)`. */
export function creates (value: unknown, init?: object): RouteHandlerMethod {
  return async (_request, reply) => reply.created(value, init as CreatedInit)
}

/** A handler that responds with `ok(value)`. */
export function reads (value: unknown): RouteHandlerMethod {
  return async (_request, reply) => reply.ok(value)
}

export interface UsersOptions {
  value?: unknown
  init?: object
  of?: ResourceOptions<any>
  config?: object
  options?: FastifyCreatedOptions
  /** The canonical route. */
  url?: string
}

export interface Users extends AppWith {
  userResource: Resource<any>
  create: () => ReturnType<typeof create>
}

/** An app in which POST /users creates `value`, and GET /users/:id is its canonical route. */
export async function users (t: Test, options: UsersOptions = {}): Promise<Users> {
  const { init, of = { etag: version }, config, url = '/users/:id' } = options
  const checked = await appWith(t, options.options)
  // undefined is a value, too
  const value = 'value' in options ? options.value : ann
  const userResource = resource<any>(of)
  checked.app.get(url, { config: { resource: userResource } }, reads(value))
  checked.app.post('/users', { config: { resource: userResource, ...config } }, creates(value, init))
  return { ...checked, userResource, create: () => create(checked.app) }
}

/** Sends a POST. */
export async function create (app: FastifyInstance, url = '/users') {
  const { statusCode: status, headers, body } = await app.inject({ method: 'POST', url })
  const { location, etag, 'content-location': contentLocation, 'last-modified': lastModified } = headers
  return { status, location, etag, contentLocation, lastModified, body }
}
