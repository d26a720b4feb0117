import responseValidation from '@fastify/response-validation'
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { Kind, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import t, { type Test } from 'tap'
import { z } from 'zod'
import fastifyCreated, {
  openapiTransform, resource, type CreatedRouteOptions, type FastifyCreatedOptions
} from '../../src/index.js'
import type { TransformInput } from '../../src/openapi/openapi-transform.js'
import type { Operation } from '../../src/openapi/operation.js'
import { documentResponseHeaders } from '../../src/openapi/response-headers.js'
import {
  ann, bare, declareUsers, documented, isValid, LINK, namesOf, openapi30, openapi31, parameterNames, swagger20,
  TypeBoxUser, userResource, UserSchema, withTransform, type Document, type Schemas, type User
} from './support.js'

const operation: Operation = {
  methods: ['POST'],
  isCanonical: false,
  isConditional: false,
  requiresPrecondition: false,
  requiresIfMatch: false,
  requiresLocation: true,
  honorsPrefer: false,
  omitsBody: false,
  hasEtag: true,
  hasLastModified: false,
  hasContentLocation: false,
  sharedSchemas: () => undefined
}

/** Without what the plugin has added. */
function withoutAdditions (document: Document): Document {
  const plain = JSON.parse(JSON.stringify(document))
  delete plain.paths['/users'].post.responses[201].headers
  delete plain.paths['/users/{id}'].get.responses[200].headers
  return plain
}

for (const order of ['before', 'after']) {
  t.test(`registered ${order} the plugin, @fastify/swagger writes Location and ETag, no more`, async (t) => {
    const app = bare(t)
    if (order === 'before') await app.register(swagger, openapi31())
    await app.register(fastifyCreated)
    if (order === 'after') await app.register(swagger, openapi31())
    declareUsers(app)
    await app.ready()
    const document: Document = app.swagger()
    const created = document.paths['/users'].post.responses[201]
    t.match(created.headers, {
      Location: { schema: { type: 'string', format: 'uri-reference' }, description: String },
      ETag: { schema: { type: 'string' }, description: String }
    })
    t.notOk('links' in created)
    t.match(document.paths['/users/{id}'].get.responses[200].headers, { ETag: { schema: { type: 'string' } } })
    await isValid(t, document)

    const without = bare(t)
    await without.register(swagger, openapi31())
    declareUsers(without)
    await without.ready()
    t.same(withoutAdditions(document), JSON.parse(JSON.stringify(without.swagger())))
  })
}

const forms: Record<string, { response: unknown; content?: object }> = {
  'a JSON schema': { response: { 200: UserSchema, 201: UserSchema }, content: { 'application/json': {} } },
  TypeBox: { response: { 200: TypeBoxUser, 201: TypeBoxUser }, content: { 'application/json': {} } },
  'a reference': {
    response: { 200: { $ref: 'user#' }, 201: { $ref: 'user#' } },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/def-0' } } }
  },
  'a class, 2xx': { response: { '2xx': UserSchema }, content: { 'application/json': {} } },
  'a class, 2XX': { response: { '2XX': UserSchema }, content: { 'application/json': {} } },
  'a schema for each media type': {
    response: {
      200: { content: { 'application/xml': { schema: UserSchema } } },
      201: { content: { 'application/xml': { schema: UserSchema } } }
    },
    content: { 'application/xml': {} }
  },
  alternatives: {
    response: { 200: { anyOf: [UserSchema, TypeBoxUser] }, 201: { anyOf: [UserSchema, TypeBoxUser] } },
    content: { 'application/json': { schema: { anyOf: Array } } }
  },
  'no content': { response: { 200: Type.Null(), 201: Type.Null() } }
}

for (const [form, { response, content }] of Object.entries(forms)) {
  for (const [version, options] of Object.entries({ 3.1: openapi31, '3.0': openapi30 })) {
    t.test(`in OpenAPI ${version}, a response declared as ${form} gets headers and links`, async (t) => {
      const before = structuredClone(response)
      const document = await documented(t, withTransform(options()), (app) => {
        app.addSchema({ $id: 'user', ...UserSchema })
        declareUsers(app, { canonical: { response }, create: { response } })
      })
      const { post } = document.paths['/users']
      const { get } = document.paths['/users/{id}']
      const created = post.responses[201] ?? post.responses['2XX']
      t.same(namesOf(created.headers), ['Location', 'ETag'])
      if (content !== undefined) t.same(created.links, { getUser: LINK })
      t.same(namesOf((get.responses[200] ?? get.responses['2XX']).headers), ['ETag'])
      if (content === undefined) t.notOk('content' in created)
      else t.match(created.content, content)
      t.same(structuredClone(response), before, 'the schema of the user is unchanged')
      await isValid(t, document)
    })
  }
}

t.test('what the user declares wins: headers, links of the same name, responses and request headers', async (t) => {
  const ownLink = { operationId: 'getUser', parameters: { id: '$response.header.X-Id' } }
  const document = await documented(t, withTransform(openapi31()), (app) => {
    app.get(
      '/users/:id',
      {
        schema: {
          operationId: 'getUser',
          headers: {
            type: 'object',
            properties: { 'If-None-Match': { type: 'string', maxLength: 9 }, 'x-other': { type: 'string' } }
          },
          response: {
            200: { ...UserSchema, headers: { etag: { type: 'string', maxLength: 9 } } },
            304: { type: 'null', description: 'Mine' },
            '4xx': { type: 'object', description: 'Mine' }
          }
        },
        config: { resource: userResource }
      },
      async () => ann
    )
    app.post(
      '/users',
      {
        schema: {
          response: {
            200: UserSchema,
            201: {
              ...UserSchema,
              headers: { LOCATION: { type: 'string', format: 'uri' }, 'X-Id': { type: 'string' } }
            }
          }
        },
        links: { 200: { again: ownLink }, 201: { getUser: ownLink, other: ownLink } },
        config: { resource: userResource }
      },
      async () => ann
    )
    app.post(
      '/others',
      {
        schema: { response: { 201: UserSchema } },
        links: { 201: { other: ownLink } },
        config: { resource: userResource }
      },
      async () => ann
    )
  })
  const { parameters, responses } = document.paths['/users/{id}'].get
  t.same(namesOf(responses), ['200', '304', '4XX'])
  t.equal(responses[304].description, 'Mine')
  t.same(namesOf(responses[304].headers), ['ETag'])
  t.same(responses[200].headers, { etag: { schema: { type: 'string', maxLength: 9 } } })
  t.match(parameters[0], { in: 'header', name: 'If-None-Match', schema: { maxLength: 9 } })
  t.same(parameterNames({ parameters }), ['If-None-Match', 'x-other'])

  const created = document.paths['/users'].post.responses
  t.same(namesOf(created[201].headers), ['LOCATION', 'X-Id', 'ETag'])
  t.same(created[201].links, { getUser: ownLink, other: ownLink })
  t.same(created[200].links, { again: ownLink })
  t.same(document.paths['/others'].post.responses[201].links, { getUser: LINK, other: ownLink })
  await isValid(t, document)
})

t.test('shared and frozen schemas are copied, with the hidden properties of TypeBox', async (t) => {
  const hidden = Object.defineProperty({ ...UserSchema }, '~kind', { value: 'Object' })
  const frozen = Object.freeze({
    ...TypeBoxUser,
    headers: Object.freeze({ 'X-Id': Object.freeze({ type: 'string' }) })
  })
  const response = Object.freeze({ 200: hidden, 201: frozen })
  const seen: FastifySchema[] = []
  const transform = (input: TransformInput) => {
    seen.push(input.schema)
    return input
  }
  const document = await documented(t, { ...openapi31(), transform: openapiTransform(transform) }, (app) => {
    declareUsers(app, { canonical: { response }, create: { response } })
  })
  t.same(namesOf(document.paths['/users'].post.responses[201].headers), ['X-Id', 'Location', 'ETag'])
  t.same(namesOf(frozen.headers), ['X-Id'])
  t.notOk('headers' in hidden)
  const [canonical, create] = seen.map(({ response }) => response as Record<string, Record<PropertyKey, unknown>>)
  t.equal(canonical[200]['~kind'], 'Object')
  t.equal(create[201][Kind], 'Object')
})

t.test('Location is documented on a 201 that has one, and ETag on responses that may have it', async (t) => {
  const response = { 200: UserSchema, 201: UserSchema }
  const declare = (app: FastifyInstance) => {
    app.post('/without-resource', { schema: { response } }, async () => ann)
    app.patch('/patch', { schema: { response } }, async () => ann)
    app.put('/put', { schema: { response } }, async () => ann)
    app.route({ method: ['POST', 'PUT'], url: '/both', schema: { response }, handler: async () => ann })
    app.get('/get', { schema: { response } }, async () => ann)
    app.delete('/delete', { schema: { response: { '2xx': UserSchema } } }, async () => ann)
    app.post('/undeclared', { schema: { response: { 200: UserSchema, default: UserSchema } } }, async () => ann)
    app.post('/unchecked', { schema: { response }, config: { created: false } }, async () => ann)
    app.post('/none', async () => ann)
  }
  const headersIn = (document: Document) =>
    Object.fromEntries(
      Object.entries<Document>(document.paths).map(([url, operations]) => {
        const [[, { responses }]] = Object.entries<Document>(operations)
        return [url.slice(1), namesOf((responses[201] ?? responses['2XX'])?.headers).join()]
      })
    )
  const always = {
    'without-resource': 'Location,ETag',
    patch: 'Location,ETag',
    both: 'Location,ETag',
    get: '',
    delete: '',
    undeclared: '',
    unchecked: '',
    none: ''
  }
  const recommended = await documented(t, withTransform(openapi31()), declare)
  t.same(headersIn(recommended), { ...always, put: 'ETag' })
  for (const [url, operations] of Object.entries<Document>(recommended.paths)) {
    const [{ responses }] = Object.values<Document>(operations)
    t.notOk(
      responses[200] !== undefined && 'headers' in responses[200],
      `a 200 of ${url}, which is no canonical route, is unchanged`
    )
    t.notOk(responses['2XX'] !== undefined && 'headers' in responses['2XX'], url)
  }
  const strict = await documented(t, withTransform(openapi31()), declare, { profile: 'strict' })
  t.same(headersIn(strict), { ...always, put: 'ETag' })
  // The rule forbids ETag in a response to PUT.
  const withRule = await documented(t, withTransform(openapi31()), declare, { rules: { 'put-etag': 'warn' } })
  t.same(headersIn(withRule), { ...always, put: '' })
})

t.test('openapiTransform() documents how a canonical route is read conditionally', async (t) => {
  const document = await documented(t, { ...withTransform(openapi31()), exposeHeadRoutes: true })
  for (const method of ['get', 'head']) {
    const { parameters, responses } = document.paths['/users/{id}'][method]
    t.match(parameters[0], {
      in: 'header',
      name: 'If-None-Match',
      required: false,
      schema: { type: 'string' },
      description: String
    })
    t.same(namesOf(responses), ['200', '304', '404', '412'], method)
    t.match(responses[304], { description: /^Not modified/, headers: { ETag: { schema: { type: 'string' } } } })
    t.match(responses[404], { description: 'Not found' })
    t.match(responses[412], { description: /^Precondition failed/ })
    for (const status of [304, 404, 412]) t.notOk('content' in responses[status], `${status}`)
    t.same(namesOf(responses[200].headers), ['ETag'])
  }
  const { post } = document.paths['/users']
  t.same(namesOf(post.responses), ['201'])
  t.same(parameterNames(post), [])
  t.equal(document.paths['/users/{id}'].head.operationId, 'getUser-head')
  await isValid(t, document)
})

t.test('openapiTransform() adds no status that the user declares, also by its class or by default', async (t) => {
  const declared: Array<[Schemas, string[]]> = [
    [{ 200: UserSchema, 404: UserSchema }, ['200', '304', '404', '412']],
    [{ 200: UserSchema, '4XX': UserSchema }, ['200', '304', '4XX']],
    [{ 200: UserSchema, '3xx': UserSchema, 412: UserSchema }, ['200', '404', '412', '3XX']],
    [{ 200: UserSchema, default: UserSchema }, ['200', 'default']],
    [{ 404: UserSchema }, ['304', '404', '412']]
  ]
  for (const [response, expected] of declared) {
    const document = await documented(t, withTransform(openapi31()), (app) => {
      declareUsers(app, { canonical: { response } })
    })
    t.same(namesOf(document.paths['/users/{id}'].get.responses), expected)
    await isValid(t, document)
  }
})

t.test('a canonical route without response schemas keeps its 200, and gets an ETag there', async (t) => {
  for (const schema of [undefined, {}, { tags: ['users'] }]) {
    const declare = (app: FastifyInstance) => {
      app.get('/users/:id', { schema, config: { resource: userResource } }, async () => ann)
    }
    const { responses } = (await documented(t, openapi31(), declare)).paths['/users/{id}'].get
    t.same(responses, { 200: { description: 'Default Response' } })
    const document = await documented(t, withTransform(openapi31()), declare)
    const { get } = document.paths['/users/{id}']
    t.match(get.responses[200], { description: 'Default Response', headers: { ETag: { schema: { type: 'string' } } } })
    t.notOk('content' in get.responses[200])
    t.same(namesOf(get.responses), ['200', '304', '404', '412'])
    t.equal(get.tags?.[0], schema?.tags?.[0])
    await isValid(t, document)
  }
})

t.test('If-None-Match is added to the request headers of a canonical route, however they are declared', async (t) => {
  const own = { type: 'string', maxLength: 9 }
  const declared: Record<string, { headers: object; names: string[] }> = {
    properties: { headers: { type: 'object', properties: { 'x-a': own } }, names: ['x-a', 'If-None-Match'] },
    'no properties': { headers: { type: 'object' }, names: ['If-None-Match'] },
    reference: { headers: { $ref: 'headers#' }, names: ['If-None-Match', 'x-a'] },
    'reference to one': { headers: { $ref: 'conditional#' }, names: ['if-none-match', 'x-a'] },
    allOf: {
      headers: { allOf: [{ type: 'object', properties: { 'x-a': own } }, { $ref: 'headers#' }] },
      names: ['If-None-Match', 'x-a']
    },
    'allOf with one': {
      headers: { allOf: [{ type: 'object', properties: { 'If-None-Match': own } }] },
      names: ['If-None-Match']
    },
    anyOf: {
      headers: {
        anyOf: [
          { type: 'object', properties: { 'x-a': own } },
          { type: 'object', properties: { 'x-b': own } }
        ]
      },
      names: ['If-None-Match', 'x-a', 'x-b']
    },
    'oneOf with one': {
      headers: {
        oneOf: [
          { type: 'object', properties: { 'x-a': own } },
          { allOf: [{ type: 'object', properties: { 'IF-NONE-MATCH': own } }] }
        ]
      },
      names: ['x-a', 'IF-NONE-MATCH']
    }
  }
  for (const [form, { headers, names }] of Object.entries(declared)) {
    const before = structuredClone(headers)
    const document = await documented(t, withTransform(openapi31()), (app) => {
      app.addSchema({ $id: 'headers', type: 'object', properties: { 'x-a': own } })
      app.addSchema({ $id: 'conditional', type: 'object', properties: { 'if-none-match': own, 'x-a': own } })
      declareUsers(app, { canonical: { headers } })
    })
    const { get } = document.paths['/users/{id}']
    t.same(parameterNames(get), names, form)
    const ofUser = names.includes('If-None-Match') && form !== 'allOf with one' ? undefined : 9
    t.equal(
      get.parameters.find(({ name }: Document) => name.toLowerCase() === 'if-none-match').schema.maxLength,
      ofUser,
      form
    )
    t.same(headers, before)
    await isValid(t, document)
  }
})

t.test('a canonical route with other methods has the same documentation for all of them', async (t) => {
  const document = await documented(t, withTransform(openapi31()), (app) => {
    app.route({
      method: ['GET', 'PUT'],
      url: '/users/:id',
      schema: { response: { '2xx': UserSchema } },
      config: { resource: userResource },
      handler: async () => ann
    })
  })
  const { get, put } = document.paths['/users/{id}']
  t.same(get, put)
  t.same(namesOf(get.responses['2XX'].headers), ['ETag'])
  t.ok('304' in get.responses)

  const options: RouteOptions = {
    method: ['GET', 'PUT'],
    url: '/users/:id',
    handler: async () => {},
    schema: { response: { '2xx': UserSchema } }
  }
  documentResponseHeaders(options, {
    ...operation,
    methods: ['GET', 'PUT'],
    isCanonical: true,
    isConditional: true,
    hasEtag: false
  })
  t.same(options.schema, { response: { '2xx': UserSchema } })
})

t.test('a GET route that is not canonical, or not checked, is documented as it is declared', async (t) => {
  const document = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app)
    app.get(
      '/me',
      {
        schema: { response: { 200: UserSchema } },
        config: { resource: userResource, created: { canonical: false } }
      },
      async () => ann
    )
    app.get('/plain', { schema: { response: { 200: UserSchema } } }, async () => ann)
    app.get('/unchecked', { schema: { response: { 200: UserSchema } }, config: { created: false } }, async () => ann)
    app.get('/bare', { config: { created: false } }, async () => ann)
  })
  for (const path of ['/me', '/plain', '/unchecked']) {
    const { get } = document.paths[path]
    t.same(namesOf(get.responses), ['200'], path)
    t.notOk('headers' in get.responses[200], path)
    t.notOk('parameters' in get, path)
  }
  t.same(document.paths['/bare'].get.responses, { 200: { description: 'Default Response' } })
})

type UpdateCase = [
  what: string,
  method: 'get' | 'put' | 'patch' | 'delete' | 'post',
  config: { created?: false | CreatedRouteOptions, resource?: typeof userResource },
  own: FastifyCreatedOptions,
  headers: string[],
  statuses: string[]
]
const UPDATED = ['400', '404', '409', '412']
const updated: UpdateCase[] = [
  ['PUT of a resource', 'put', { resource: userResource }, {}, ['If-Match', 'If-None-Match'], ['400', '409', '412']],
  ['PATCH of a resource', 'patch', { resource: userResource }, {}, ['If-Match'], UPDATED],
  ['DELETE of a resource', 'delete', { resource: userResource }, {}, ['If-Match'], UPDATED],
  [
    'PUT that requires a precondition',
    'put',
    { resource: userResource, created: { precondition: 'required' } },
    {},
    ['If-Match', 'If-None-Match'],
    ['400', '409', '412', '428']
  ],
  ['PATCH in strict', 'patch', { resource: userResource }, { profile: 'strict' }, ['If-Match'], [...UPDATED, '428']],
  [
    'PATCH in strict that requires none',
    'patch',
    { resource: userResource, created: { precondition: 'optional' } },
    { profile: 'strict' },
    ['If-Match'],
    UPDATED
  ],
  [
    'DELETE with a plugin that requires one',
    'delete',
    { resource: userResource },
    { precondition: 'required' },
    ['If-Match'],
    [...UPDATED, '428']
  ],
  [
    'PUT that honors Prefer',
    'put',
    { resource: userResource, created: { prefer: true } },
    {},
    ['If-Match', 'If-None-Match', 'Prefer'],
    ['204', '400', '409', '412']
  ],
  [
    'PATCH with a plugin that honors Prefer',
    'patch',
    { resource: userResource },
    { prefer: true },
    ['If-Match', 'Prefer'],
    ['204', ...UPDATED]
  ],
  [
    'PATCH that does not, with a plugin that does',
    'patch',
    { resource: userResource, created: { prefer: false } },
    { prefer: true },
    ['If-Match'],
    UPDATED
  ],
  ['POST of a resource', 'post', { resource: userResource }, {}, [], []],
  [
    'POST that requires a precondition',
    'post',
    { resource: userResource, created: { precondition: 'required' } },
    {},
    ['If-Match'],
    ['400', '409', '412', '428']
  ],
  ['POST in strict', 'post', { resource: userResource }, { profile: 'strict' }, [], []],
  ['POST without a 201, with Prefer', 'post', { resource: userResource, created: { prefer: true } }, {}, [], []],
  ['GET with a plugin that honors Prefer', 'get', {}, { prefer: true }, [], []],
  ['PUT without a resource', 'put', {}, { profile: 'strict' }, [], []],
  [
    'PUT without a resource, with an optional precondition',
    'put',
    { created: { precondition: 'optional' } },
    {},
    ['If-Match', 'If-None-Match'],
    ['400', '409', '412']
  ],
  [
    'DELETE without a resource that requires one',
    'delete',
    { created: { precondition: 'required' } },
    {},
    ['If-Match'],
    [...UPDATED, '428']
  ],
  [
    'PUT that is not checked',
    'put',
    { resource: userResource, created: false },
    { profile: 'strict', prefer: true },
    [],
    []
  ]
]

for (const [what, method, config, own, headers, statuses] of updated) {
  const additions = `${headers.join() || 'no header'} and ${statuses.join() || 'no status'}`
  t.test(`openapiTransform() documents ${what} with ${additions}`, async (t) => {
    for (const [version, options] of Object.entries({ 3.1: openapi31, '3.0': openapi30 })) {
      const document = await documented(t, withTransform(options()), (app) => {
        declareUsers(app)
        app.route({
          method: method.toUpperCase(),
          url: '/test/:id',
          schema: { response: { 200: UserSchema } },
          config,
          handler: async () => ann
        })
      }, own)
      const { parameters = [], responses } = document.paths['/test/{id}'][method]
      t.same(parameterNames({ parameters }), headers, version)
      for (const parameter of parameters.filter((parameter: Document) => parameter.in === 'header')) {
        t.match(parameter, { required: Boolean, schema: { type: 'string' }, description: String })
      }
      t.same(namesOf(responses), ['200', ...statuses], version)
      for (const status of statuses) {
        t.ok(responses[status].description.length > 5)
        t.notOk('content' in responses[status], `the content of a ${status} is not known`)
      }
      await isValid(t, document)
    }
    const plain = await documented(t, openapi31(), (app) => {
      declareUsers(app)
      app.route({
        method: method.toUpperCase(),
        url: '/test/:id',
        schema: { response: { 200: UserSchema } },
        config,
        handler: async () => ann
      })
    }, own)
    t.same(namesOf(plain.paths['/test/{id}'][method].responses), ['200'], 'nothing is added without it')
  })
}

t.test('a route for PUT and POST has no 404, because nothing has to exist', async (t) => {
  const document = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app)
    app.route({
      method: ['PUT', 'POST'],
      url: '/test/:id',
      schema: { response: { 200: UserSchema } },
      config: { resource: userResource },
      handler: async () => ann
    })
  })
  for (const method of ['put', 'post']) {
    t.same(namesOf(document.paths['/test/{id}'][method].responses), ['200', '400', '409', '412'])
  }
})

t.test('a canonical route has no 428, whatever its options are', async (t) => {
  const document = await documented(t, withTransform(openapi31()), (app) => {
    app.get(
      '/users/:id',
      {
        schema: { response: { 200: UserSchema } },
        config: { resource: userResource, created: { precondition: 'required' } }
      },
      async () => ann
    )
  }, { profile: 'strict' })
  t.same(namesOf(document.paths['/users/{id}'].get.responses), ['200', '304', '404', '412'])
})

t.test('what the user declares for an update wins, and validates as before', async (t) => {
  const own = { type: 'string', maxLength: 9 }
  const app = bare(t)
  await app.register(fastifyCreated, { profile: 'strict', prefer: true })
  await app.register(swagger, withTransform(openapi31()))
  declareUsers(app)
  app.put(
    '/users/:id',
    {
      schema: {
        headers: { type: 'object', required: ['if-match'], properties: { 'If-Match': own, PREFER: own } },
        response: {
          200: UserSchema,
          409: { type: 'object', description: 'Mine' },
          412: { type: 'null', description: 'Mine' },
          428: { type: 'null', description: 'Mine' }
        }
      },
      config: { resource: userResource }
    },
    async (request, reply) => {
      request.assertPreconditions(ann)
      return reply.ok(ann)
    }
  )
  app.patch(
    '/users/:id',
    {
      schema: { response: { 200: UserSchema, '4xx': { type: 'object', description: 'Mine' } } },
      config: { resource: userResource }
    },
    async () => ann
  )
  app.delete(
    '/users/:id',
    {
      schema: { response: { 204: { type: 'null' }, default: { type: 'object', description: 'Mine' } } },
      config: { resource: userResource }
    },
    async () => ann
  )
  await app.ready()
  const document: Document = app.swagger()
  const { put, patch, delete: remove } = document.paths['/users/{id}']
  t.same(parameterNames(put), ['If-Match', 'PREFER', 'If-None-Match'])
  t.same(namesOf(put.responses), ['200', '204', '400', '409', '412', '428'])
  for (const status of [409, 412, 428]) t.equal(put.responses[status].description, 'Mine', `${status}`)
  t.same(namesOf(patch.responses), ['200', '204', '4XX'])
  t.same(namesOf(remove.responses), ['204', 'default'])
  await isValid(t, document)

  const put1 = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'PUT', url: '/users/1', headers })).statusCode
  t.equal(await put1({}), 400, 'the header that the user requires')
  t.equal(await put1({ 'if-match': '"7"' }), 200)
})

t.test('a link is named after its operation, if that can be a name', async (t) => {
  for (const [operationId, name] of [['users.get-1', 'users.get-1'], ['get user', 'created']]) {
    const document = await documented(t, withTransform(openapi31()), (app) => {
      declareUsers(app, { canonical: { operationId } })
    })
    t.same(document.paths['/users'].post.responses[201].links, { [name]: { ...LINK, operationId } })
    await isValid(t, document)
  }
})

t.test('there is no link if the canonical route has no operationId, or the route declares no 201', async (t) => {
  const undefinedId = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app, { canonical: { operationId: undefined } })
  })
  t.notOk('links' in undefinedId.paths['/users'].post.responses[201])
  const no201 = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app, { create: { response: { 200: UserSchema } } })
  })
  t.same(namesOf(no201.paths['/users'].post.responses[200]), ['description', 'content'])
})

t.test('callbacks of the user are documented, and the link is added', async (t) => {
  const callbacks = {
    stored: { '{$request.body#/callback}': { post: { responses: { 200: { description: 'Thanks' } } } } }
  }
  const document = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app, { create: { callbacks } })
  })
  const { post } = document.paths['/users']
  t.same(post.callbacks, callbacks)
  t.same(post.responses[201].links, { getUser: LINK })

  const copy = ({ schema, url }: TransformInput) => ({ schema: { ...schema }, url })
  const copied = await documented(t, { ...openapi31(), transform: copy }, (app) => {
    declareUsers(app, { create: { callbacks } })
  })
  t.same(copied.paths['/users'].post.callbacks, callbacks)
})

t.test('links come only with openapiTransform(), and only in OpenAPI', async (t) => {
  for (const [options, hasLink] of [
    [openapi31(), false],
    [openapi30(), false],
    [swagger20(), false],
    [withTransform(swagger20()), false],
    [withTransform(openapi31()), true],
    [withTransform(openapi30()), true]
  ] as const) {
    const { post } = (await documented(t, options)).paths['/users']
    t.same(namesOf(post.responses[201].headers), ['Location', 'ETag'])
    t.same(post.responses[201].links, hasLink ? { getUser: LINK } : undefined)
  }
})

t.test('Swagger 2.0 has no links, whether it is written before or after OpenAPI', async (t) => {
  for (const wrap of [withTransform, (options: FastifyDynamicSwaggerOptions) => options]) {
    const app = bare(t)
    const copy = ({ schema, url }: TransformInput) => ({ url, schema: { ...schema } })
    await app.register(fastifyCreated)
    await app.register(swagger, wrap(openapi31()))
    await app.register(swagger, { ...wrap(swagger20()), decorator: 'swagger20' })
    await app.register(swagger, { ...swagger20(), transform: copy, decorator: 'copied20' })
    declareUsers(app)
    await app.ready()
    const { swagger20: write20, copied20 } = app as unknown as Record<string, () => Document>
    const early = copied20().paths['/users'].post.responses[201]
    const { links } = (app.swagger() as Document).paths['/users'].post.responses[201]
    t.same(links, wrap === withTransform ? { getUser: LINK } : undefined)
    const late = write20()
    for (const response of [early, late.paths['/users'].post.responses[201]]) {
      t.same(namesOf(response.headers), ['Location', 'ETag'])
      t.notOk('links' in response)
    }
    t.equal('304' in late.paths['/users/{id}'].get.responses, wrap === withTransform)
    // The link is added again, once.
    t.equal(app.swagger({ yaml: true }).match(/operationId: getUser/g)?.length, wrap === withTransform ? 2 : 1)
  }
})

t.test('@fastify/swagger rejects links of the user in Swagger 2.0, as without the plugin', async (t) => {
  const app = bare(t)
  await app.register(fastifyCreated)
  await app.register(swagger, withTransform(swagger20()))
  declareUsers(app)
  app.post(
    '/own',
    { schema: { response: { 201: UserSchema } }, links: { 201: {} }, config: { resource: userResource } },
    async () => ann
  )
  await app.ready()
  t.throws(() => app.swagger(), /does not support Links/)
})

t.test('the YAML of a document has no anchors', async (t) => {
  for (const options of [openapi31, swagger20]) {
    const app = bare(t)
    await app.register(fastifyCreated)
    await app.register(swagger, withTransform(options()))
    declareUsers(app, { canonical: { response: { 200: UserSchema, 201: UserSchema } } })
    await app.ready()
    const yaml = app.swagger({ yaml: true })
    t.match(yaml, /If-None-Match|if-none-match/)
    t.notMatch(yaml, /&a\d|x-fastify-created/)
  }
})

t.test('openapiTransform() wraps another transform, which runs first', async (t) => {
  const hide = ({ schema, url }: TransformInput) => ({
    schema: { ...schema, hide: url === '/users' },
    url: `/v1${url}`
  })
  const document = await documented(t, { ...openapi31(), transform: openapiTransform(hide) })
  t.same(namesOf(document.paths), ['/v1/users/{id}'])
  t.same(namesOf(document.paths['/v1/users/{id}'].get.responses), ['200', '304', '404', '412'])

  const copy = ({ schema, url }: TransformInput) => ({ schema: { ...schema }, url })
  const copied = await documented(t, { ...openapi31(), transform: openapiTransform(copy) })
  t.same(copied.paths['/users'].post.responses[201].links, { getUser: LINK })

  const assign = ({ schema, url }: TransformInput) => ({
    schema: Object.assign(schema, { callbacks: { mine: {} } }),
    url
  })
  const assigned = await documented(t, { ...openapi31(), transform: openapiTransform(assign) })
  t.same(assigned.paths['/users'].post.callbacks, { mine: {} })
  t.same(assigned.paths['/users'].post.responses[201].links, { getUser: LINK })

  const nothing = ({ url }: TransformInput) => ({ schema: undefined as unknown as FastifySchema, url })
  const untouched = await documented(t, { ...openapi31(), transform: openapiTransform(nothing) })
  t.same(namesOf(untouched.paths['/users/{id}'].get.responses), ['200', '304', '404', '412'])
  t.equal(untouched.paths['/users/{id}'].get.operationId, 'getUser')
})

t.test('with a transform that removes the 201 there is no link, which @fastify/swagger would reject', async (t) => {
  const strip = ({ schema, url }: TransformInput) => ({ schema: { ...schema, response: { 200: UserSchema } }, url })
  for (const transform of [strip, openapiTransform(strip)]) {
    const document = await documented(t, { ...openapi31(), transform })
    t.same(namesOf(document.paths['/users'].post.responses), ['200'])
    t.same(namesOf(document.paths['/users'].post.responses[200]), ['description', 'content'])
  }
})

t.test('with Zod, openapiTransform(jsonSchemaTransform) documents everything', async (t) => {
  const ZodUser = z.object({ id: z.string(), name: z.string() })
  const declare = (app: FastifyInstance) => {
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    const schemas = {
      canonical: { headers: z.object({ 'x-a': z.string().optional() }), response: { 200: ZodUser } },
      create: {
        response: {
          201: ZodUser,
          409: { content: { 'application/json': { schema: z.object({ message: z.string() }) } } }
        }
      }
    }
    declareUsers(app, schemas)
    app.get('/bare', { config: { created: { canonical: false } } }, async () => ann)
  }
  const document = await documented(t, { ...openapi31(), transform: openapiTransform(jsonSchemaTransform) }, declare)
  const { get } = document.paths['/users/{id}']
  const created = document.paths['/users'].post.responses[201]
  t.same(namesOf(created.headers), ['Location', 'ETag'])
  t.same(created.links, { getUser: LINK })
  t.match(created.content['application/json'].schema, { type: 'object', properties: { id: { type: 'string' } } })
  t.same(namesOf(get.responses), ['200', '304', '404', '412'])
  t.same(namesOf(get.responses[200].headers), ['ETag'])
  t.same(parameterNames(get), ['x-a', 'If-None-Match'])
  await isValid(t, document)

  const by = async (plugins: 'with' | 'without') => {
    const app = bare(t)
    if (plugins === 'with') await app.register(fastifyCreated)
    await app.register(swagger, { ...openapi31(), transform: jsonSchemaTransform })
    declare(app)
    await app.ready()
    t.match((await app.inject({ method: 'POST', url: '/users' })).json(), { id: '1', name: 'Ann' })
    return app.swagger()
  }
  t.same(await by('with'), await by('without'))
})

t.test('openapiTransform() does not change Zod schemas, and routes outside the scope of the plugin', async (t) => {
  const app = bare(t)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => { routes.push(route) })
  app.get('/outside', async () => ann)
  await app.register(async (scope) => {
    await scope.register(fastifyCreated)
    scope.setValidatorCompiler(validatorCompiler)
    scope.setSerializerCompiler(serializerCompiler)
    const response = { 200: z.object({ id: z.string() }), 201: z.object({ id: z.string() }) }
    declareUsers(scope as unknown as FastifyInstance, {
      canonical: { headers: z.object({}), response },
      create: { response }
    })
  })
  await app.ready()
  const document = (path: string, schema?: FastifySchema) => {
    const route = routes.find(({ url, method }) => url === path && method === 'GET')!
    return openapiTransform()({ schema: schema ?? route.schema!, url: path, route })
  }
  t.same(document('/outside'), { schema: undefined, url: '/outside' })

  const { headers, response } = routes.find(({ url }) => url === '/users/:id')!.schema!
  const { schema } = document('/users/:id')
  t.equal(schema.headers, headers)
  t.equal((schema.response as Schemas)[200], (response as Schemas)[200])
  t.same(namesOf(schema.response as Schemas), ['200', '201', '304', '404', '412'])
  const none = new Map()
  t.equal(document('/users/:id', { response: none }).schema.response, none)
})

for (const order of ['before', 'after']) {
  t.test(`@fastify/response-validation, registered ${order} the plugin, validates as without it`, async (t) => {
    const app = bare(t)
    const plugins = [responseValidation, fastifyCreated]
    for (const plugin of order === 'before' ? plugins : plugins.reverse()) await app.register(plugin)
    await app.register(swagger, withTransform(openapi31()))
    declareUsers(app)
    const wrong = async () => ({ name: 'nobody' })
    app.get(
      '/wrong/:id',
      {
        schema: { operationId: 'wrong', response: { 200: UserSchema } },
        config: { resource: resource<User>({ etag: () => null }) }
      },
      wrong
    )

    t.equal((await app.inject('/users/1')).statusCode, 200)
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
    const invalid = await app.inject('/wrong/1')
    t.equal(invalid.statusCode, 500)
    t.match(invalid.json(), { code: 'FST_RESPONSE_VALIDATION_FAILED_VALIDATION', message: /must have required property 'id'/ })
    t.same(namesOf((app.swagger() as Document).paths['/users'].post.responses[201].headers), ['Location', 'ETag'])
  })
}

/** Schemas of a user, and of errors in an envelope, which leaves out other properties. */
function enveloped () {
  const ErrorSchema = {
    type: 'object',
    required: ['error'],
    properties: { error: { type: 'object', properties: { code: { type: 'string' } } } }
  }
  return {
    canonical: {
      params: { type: 'object', properties: { id: { type: 'string', maxLength: 3 } } },
      response: { 200: UserSchema, '4xx': ErrorSchema }
    },
    create: {
      headers: { type: 'object', properties: { 'X-Tenant': { type: 'string', maxLength: 3 } } },
      body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      response: { '2xx': { content: { 'application/json': { schema: UserSchema } } }, default: ErrorSchema }
    }
  }
}

/** The app, with its documentation written or without the plugins. */
async function declared (
  t: Test,
  isDocumented: boolean,
  schemas: { canonical: Schemas; create: Schemas },
  prepare: (app: FastifyInstance) => void
): Promise<FastifyInstance> {
  const app = bare(t)
  if (isDocumented) {
    await app.register(fastifyCreated)
    await app.register(swagger, withTransform(openapi31()))
  }
  prepare(app)
  declareUsers(app, schemas)
  await app.ready()
  if (isDocumented) t.ok('304' in (app.swagger() as Document).paths['/users/{id}'].get.responses)
  return app
}

t.test('responses and request.routeOptions.schema do not depend on the documentation', async (t) => {
  const run = async (isDocumented: boolean) => {
    const schemas = enveloped()
    const seen: FastifySchema[] = []
    const app = await declared(t, isDocumented, schemas, (app) => {
      app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) =>
        reply.code(error.statusCode ?? 500).send({ error: { code: error.code, more: true }, more: true })
      )
      app.addHook('onRequest', async (request) => { seen.push(request.routeOptions.schema!) })
    })
    const payload = { name: 'Ann' }
    const requests = [
      { url: '/users/1' },
      { url: '/users/1', headers: { 'if-none-match': '"7"' } },
      { url: '/users/1234' },
      { method: 'POST', url: '/users', payload },
      { method: 'POST', url: '/users', payload: {} },
      { method: 'POST', url: '/users', payload, headers: { 'x-tenant': 'long' } }
    ] as const
    const responses = []
    for (const request of requests) {
      const { statusCode, headers: { date, 'cache-control': caching, ...headers }, body } = await app.inject(request)
      responses.push({ statusCode, headers, body })
    }
    return { responses, seen, schemas }
  }
  const { responses, seen, schemas: { canonical, create } } = await run(true)
  const bareRun = await run(false)
  t.same(responses, bareRun.responses)
  t.same(responses.map(({ statusCode }) => statusCode), [200, 200, 400, 201, 400, 400])
  t.same(JSON.parse(responses[2].body), { error: { code: 'FST_ERR_VALIDATION' } })
  t.same(seen, bareRun.seen)
  const declaredSchemas = [canonical, canonical, canonical, create, create, create]
  t.ok(
    seen.every(({ response }, index) => response === declaredSchemas[index].response),
    'it is what the user declared'
  )
})

t.test('the compilers of the app get the schemas that it declared, not copies', async (t) => {
  const run = async (isDocumented: boolean, schemas: ReturnType<typeof enveloped>) => {
    const compiled: Array<Record<string, unknown>> = []
    await declared(t, isDocumented, schemas, (app) => {
      app.setValidatorCompiler((route) => {
        compiled.push({ ...route })
        return () => true
      })
      app.setSerializerCompiler((route) => {
        compiled.push({ ...route })
        return JSON.stringify
      })
    })
    return compiled
  }
  const schemas = enveloped()
  const written = [UserSchema, schemas.canonical.params, schemas.canonical.response['4xx'], schemas.create.body]
  const before = structuredClone(schemas)
  const documented = await run(true, schemas)
  const plain = await run(false, schemas)
  t.same(documented, plain)
  // Those of request headers are copies by Fastify, in lower case.
  t.ok(
    documented
      .filter(({ httpPart }) => httpPart !== 'headers')
      .every(({ schema }) => written.includes(schema as never)),
    'no schema is a copy'
  )
  t.equal(documented.length, 10)
  t.same(schemas, before)
})

t.test('a route without a schema, or with one that is no plain object, is unchanged', async (t) => {
  class Schema { response = { 201: UserSchema } }
  for (const schema of [
    undefined,
    new Schema(),
    {},
    { response: new Map() },
    { response: { 201: true } },
    { response: { 201: { headers: new Map() } } }
  ] as FastifySchema[]) {
    const options: RouteOptions = { method: 'POST', url: '/users', handler: async () => {}, schema }
    documentResponseHeaders(options, { ...operation, link: LINK })
    t.same(options.schema, schema)
  }
})

t.test('a link has each parameter of the canonical route, or there is none', async (t) => {
  const thing = (...names: string[]) => ({
    type: 'object',
    required: names,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  })
  const rows: Array<
    [what: string, params: object | undefined, response: object, canonical: object, parameters: object | undefined]
  > = [
    [
      'inherited, and from a property',
      undefined,
      thing('id'),
      {},
      { org: '$request.path.org', id: '$response.body#/id' }
    ],
    ['from properties', undefined, thing('org', 'id'), {}, { org: '$response.body#/org', id: '$response.body#/id' }],
    [
      'from a property with another name',
      { id: 'a/b~c' },
      thing('a/b~c'),
      {},
      { org: '$request.path.org', id: '$response.body#/a~1b~0c' }
    ],
    ['from a function', { id: () => 7 }, thing('id'), {}, undefined],
    ['from a property that is not in the response', { id: 'key' }, thing('id'), {}, undefined],
    ['a canonical route that is hidden', undefined, thing('id'), { hide: true }, undefined],
    ['a canonical route that is hidden by its tag', undefined, thing('id'), { tags: ['X-HIDDEN'] }, undefined],
    [
      'a canonical route with another tag',
      undefined,
      thing('id'),
      { tags: ['people'] },
      { org: '$request.path.org', id: '$response.body#/id' }
    ],
    ['a canonical route without operationId', undefined, thing('id'), { operationId: undefined }, undefined]
  ]
  for (const [what, params, response, canonical, parameters] of rows) {
    const document = await documented(t, withTransform(openapi31()), (app) => {
      const own = resource<any>({ etag: () => 1, params: params as never })
      app.get(
        '/orgs/:org/users/:id',
        { schema: { operationId: 'readUser', ...canonical }, config: { resource: own } },
        async () => ''
      )
      app.post(
        '/orgs/:org/users',
        { schema: { response: { 201: response } }, config: { resource: own } },
        async () => ''
      )
    })
    const { links } = document.paths['/orgs/{org}/users'].post.responses[201]
    t.same(links?.readUser?.parameters, parameters, what)
  }
})
