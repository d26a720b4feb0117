import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { resource } from '../../src/index.js'
import {
  ann, declareUsers, documented, openapi30, openapi31, UserSchema, userResource, withTransform, type User
} from './support.js'

const jobResource = resource<User>({ etag: () => null })
const config = { resource: userResource }

function declareAll (app: FastifyInstance): void {
  declareUsers(app)
  const handler = async () => ann
  const put = { schema: { response: { 200: UserSchema, 201: UserSchema } }, config }
  app.put('/users/:id', put, handler)
  app.patch('/users/:id', { schema: { response: { 200: UserSchema } }, config }, handler)
  app.delete('/users/:id', { schema: { response: { 204: { type: 'null' } } }, config }, handler)
  const job = { config: { resource: jobResource } }
  app.get('/jobs/:id', { schema: { operationId: 'getJob', response: { 200: UserSchema } }, ...job }, handler)
  app.post('/jobs', { schema: { response: { 202: UserSchema } }, ...job }, handler)
}

// What the compiler must reject is marked; without an error there, it reports the mark.
const client = `
import type { paths } from './api.js'

type Method = 'get' | 'put' | 'post' | 'delete' | 'patch'
type Operation<Path extends keyof paths, M extends Method> = NonNullable<paths[Path][M]>
type Parameters<Path extends keyof paths, M extends Method> =
  Operation<Path, M> extends { parameters: infer Given } ? Given : never
type Responses<Path extends keyof paths, M extends Method> =
  Operation<Path, M> extends { responses: infer Known }
    ? { [Status in keyof Known]:
        { status: Status } & (Known[Status] extends { headers: infer Headers } ? { headers: Headers } : never)
      }[keyof Known]
    : never
declare function send<Path extends keyof paths, M extends Method> (
  method: M, path: Path, parameters: Parameters<Path, M>
): Promise<Responses<Path, M>>

export async function use () {
  const path = { id: '1' }

  const created = await send('post', '/users', { header: { Prefer: 'return=minimal' } })
  if (created.status === 201) {
    const location: string = created.headers.Location
    // @ts-expect-error the name has another case
    const wrong: string = created.headers.location
    // @ts-expect-error a 201 may have no ETag
    const surely: string = created.headers.ETag
    const etag: string | undefined = created.headers.ETag
    const preference: string | undefined = created.headers['Preference-Applied']
    void [location, wrong, surely, etag, preference]
  }

  const read = await send('get', '/users/{id}', { path, header: { 'If-None-Match': '"7"' } })
  if (read.status === 200 || read.status === 304) void (read.headers.ETag satisfies string | undefined)
  // @ts-expect-error the name is misspelt
  await send('get', '/users/{id}', { path, header: { 'If-Non-Match': '"7"' } })

  const put = await send('put', '/users/{id}', { path, header: { 'If-Match': '"7"', 'If-None-Match': '*' } })
  if (put.status === 200 || put.status === 204 || put.status === 412 || put.status === 409) {
    void (put.headers.ETag satisfies string | undefined)
  }
  await send('put', '/users/{id}', { path })
  // @ts-expect-error no PUT is answered 202
  void (put.status === 202)

  const patched = await send('patch', '/users/{id}', { path, header: { 'If-Match': '"7"' } })
  if (patched.status === 200 || patched.status === 204) void (patched.headers.ETag satisfies string | undefined)
  void (patched.status === 428)
  // @ts-expect-error without If-Match the response is 428
  await send('patch', '/users/{id}', { path })
  // @ts-expect-error a header is a string
  await send('patch', '/users/{id}', { path, header: { 'If-Match': 7 } })

  await send('delete', '/users/{id}', { path, header: { 'If-Match': '"7"' } })
  // @ts-expect-error without If-Match the response is 428
  await send('delete', '/users/{id}', { path })
  // @ts-expect-error a 204 has no body that Prefer could change
  await send('delete', '/users/{id}', { path, header: { 'If-Match': '"7"', Prefer: 'return=minimal' } })

  const accepted = await send('post', '/jobs', {})
  if (accepted.status === 202) {
    void (accepted.headers.Location satisfies string | undefined)
    void (accepted.headers['Retry-After'] satisfies string | undefined)
  }
  // @ts-expect-error Prefer has no effect on a 202
  await send('post', '/jobs', { header: { Prefer: 'return=minimal' } })
}
`

const tsconfig = JSON.stringify({
  compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2023', types: [] },
  files: ['client.ts']
})

for (const [version, options] of Object.entries({ 3.1: openapi31, '3.0': openapi30 })) {
  t.test(`a client of openapi-typescript knows each header of an OpenAPI ${version} document`, async (t) => {
    const document = await documented(t, withTransform(options()), declareAll, { profile: 'strict', prefer: true })
    const api = astToString(await openapiTS(JSON.parse(JSON.stringify(document))))
    const directory = t.testdir({ 'api.ts': api, 'client.ts': client, 'tsconfig.json': tsconfig })
    const tsc = ['node_modules/typescript/lib/tsc.js', '-p', directory]
    const reported = await promisify(execFile)(process.execPath, tsc).then(() => '', ({ stdout }) => stdout)
    t.equal(reported, '', 'what is right compiles, and what is marked does not')
  })
}
