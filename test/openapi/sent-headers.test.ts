import t, { type Test } from 'tap'
import { openapiTransform, resource, type CreatedRouteOptions, type FastifyCreatedOptions } from '../../src/index.js'
import type { TransformInput } from '../../src/openapi/openapi-transform.js'
import {
  ann, declareUsers, documented, isValid, LINK, namesOf, openapi30, openapi31, swagger20, userResource, UserSchema,
  withTransform, type Document, type User
} from './support.js'

const datedResource = resource<User>({ etag: (user) => user.version, lastModified: () => new Date(0) })
const NoContent = { type: 'null' }
const all = {
  200: UserSchema, 201: UserSchema, 202: UserSchema, 204: NoContent, 304: NoContent, 409: UserSchema, 412: UserSchema
}
const ok = { 200: UserSchema }

interface Row {
  method: string | string[]
  response?: object
  config?: { created?: CreatedRouteOptions, resource?: typeof userResource }
  own?: FastifyCreatedOptions
}

/** The operations of a route at /test/{id}, beside two canonical routes. */
async function operations (
  t: Test,
  options: Parameters<typeof documented>[1],
  { method, response, config, own }: Row
): Promise<Document> {
  const document = await documented(t, options, (app) => {
    declareUsers(app)
    app.get('/dated/:id', { config: { resource: datedResource } }, async () => ann)
    const schema = response === undefined ? {} : { response }
    app.route({ method, url: '/test/:id', schema, config, handler: async () => ann })
  }, own)
  await isValid(t, document)
  return document.paths['/test/{id}']
}

function onlyOne (operations: Document): Document {
  return Object.values<Document>(operations)[0]
}

/** Which headers the responses have, as `200: ETag`. */
function headersIn ({ responses }: Document): string[] {
  return Object.entries<Document>(responses)
    .filter(([, { headers }]) => namesOf(headers).length > 0)
    .map(([status, { headers }]) => `${status}: ${namesOf(headers).join(', ')}`)
}

const ACCEPTED = '202: Location, Retry-After'
const sent: Array<[what: string, Row, headers: string[]]> = [
  ['PUT of a resource', { method: 'PUT', response: all, config: { resource: userResource } },
    ['200: ETag', '201: ETag', ACCEPTED, '204: ETag', '409: ETag', '412: ETag']],
  ['PATCH of a resource', { method: 'PATCH', response: all, config: { resource: userResource } },
    ['200: ETag', '201: Location, ETag', ACCEPTED, '204: ETag', '409: ETag', '412: ETag']],
  ['DELETE of a resource', { method: 'DELETE', response: all, config: { resource: userResource } },
    [ACCEPTED, '409: ETag', '412: ETag']],
  ['POST of a resource', { method: 'POST', response: all, config: { resource: userResource } },
    ['201: Location, ETag', ACCEPTED]],
  ['PUT of a resource with dates', { method: 'PUT', response: all, config: { resource: datedResource } },
    ['200: ETag, Last-Modified', '201: ETag, Last-Modified', ACCEPTED, '204: ETag, Last-Modified', '409: ETag',
      '412: ETag']],
  ['POST of a resource with dates', { method: 'POST', response: all, config: { resource: datedResource } },
    ['201: Location, ETag, Last-Modified', ACCEPTED]],
  ['POST with contentLocation',
    { method: 'POST', response: all, config: { resource: userResource, created: { contentLocation: true } } },
    ['201: Location, Content-Location, ETag', ACCEPTED]],
  ['PUT with prefer', { method: 'PUT', response: all, config: { resource: userResource }, own: { prefer: true } },
    ['200: ETag, Preference-Applied', '201: ETag, Preference-Applied', ACCEPTED, '204: ETag, Preference-Applied',
      '409: ETag', '412: ETag']],
  ['POST with prefer', { method: 'POST', response: all, config: { resource: userResource }, own: { prefer: true } },
    ['201: Location, ETag, Preference-Applied', ACCEPTED, '204: Preference-Applied']],
  ['PUT without a resource', { method: 'PUT', response: all }, ['201: ETag', ACCEPTED]],
  ['PUT without a resource, with a precondition',
    { method: 'PUT', response: all, config: { created: { precondition: 'optional' } } },
    ['200: ETag', '201: ETag', ACCEPTED, '204: ETag', '409: ETag', '412: ETag']],
  ['POST that requires a precondition',
    { method: 'POST', response: all, config: { created: { precondition: 'required' } } },
    ['201: Location, ETag', ACCEPTED, '409: ETag', '412: ETag']],
  ['PUT whose 2xx must have no ETag',
    { method: 'PUT', response: all, config: { resource: datedResource }, own: { rules: { 'put-etag': 'warn' } } },
    [ACCEPTED, '409: ETag', '412: ETag']],
  ['GET that is canonical', {
    method: 'GET', response: all, config: { resource: resource<User>({ etag: () => 1 }) }
  }, ['200: ETag', ACCEPTED, '304: ETag', '412: ETag']],
  ['PUT with classes', {
    method: 'PUT', response: { '2xx': UserSchema, '4xx': UserSchema }, config: { resource: userResource }
  }, ['2XX: ETag', '4XX: ETag']]
]

for (const [what, row, headers] of sent) {
  t.test(`${what} documents ${headers.join('; ')}`, async (t) => {
    for (const options of [openapi31(), openapi30(), withTransform(openapi31()), withTransform(openapi30())]) {
      t.same(headersIn(onlyOne(await operations(t, options, row))), headers)
    }
  })
}

const preferred: Array<[what: string, Row, hasPrefer: boolean, has204: boolean]> = [
  ['PUT with 200', { method: 'PUT', response: ok }, true, true],
  ['PATCH with 200', { method: 'PATCH', response: ok }, true, true],
  ['DELETE with 200', { method: 'DELETE', response: ok }, true, true],
  ['PUT with 200 and 204', { method: 'PUT', response: { ...ok, 204: NoContent } }, true, true],
  ['PUT with 201', { method: 'PUT', response: { 201: UserSchema } }, true, false],
  ['PUT with 204', { method: 'PUT', response: { 204: NoContent } }, false, true],
  ['PUT with 202', { method: 'PUT', response: { 202: UserSchema } }, false, false],
  ['DELETE with 204', { method: 'DELETE', response: { 204: NoContent } }, false, true],
  ['PUT without responses', { method: 'PUT' }, true, true],
  ['PUT with 2xx', { method: 'PUT', response: { '2xx': UserSchema } }, true, false],
  ['PUT with a default', { method: 'PUT', response: { default: UserSchema } }, true, false],
  ['POST with 201', { method: 'POST', response: { 201: UserSchema } }, true, false],
  ['POST with 2XX', { method: 'POST', response: { '2XX': UserSchema } }, true, false],
  ['POST with 200', { method: 'POST', response: ok }, false, false],
  ['POST with 202', { method: 'POST', response: { 202: UserSchema } }, false, false],
  ['POST without responses', { method: 'POST' }, true, false],
  ['GET with 200', { method: 'GET', response: ok }, false, false],
  ['GET with 201', { method: 'GET', response: { 201: UserSchema } }, false, false]
]

for (const [what, row, hasPrefer, has204] of preferred) {
  const additions = `${hasPrefer ? 'Prefer' : 'no Prefer'} and ${has204 ? 'a 204' : 'no 204'}`
  t.test(`with prefer: true, ${what} documents ${additions}`, async (t) => {
    for (const options of [openapi31(), openapi30()]) {
      const own: FastifyCreatedOptions = { prefer: true }
      const { parameters, responses } = onlyOne(await operations(t, withTransform(options), { ...row, own }))
      t.equal(parameters.some(({ name }: Document) => name === 'Prefer'), hasPrefer)
      t.equal('204' in responses, has204)
      if (has204) t.notOk('content' in responses[204])
    }
    const off = onlyOne(await operations(t, withTransform(openapi31()), row))
    t.notOk(off.parameters.some(({ name }: Document) => name === 'Prefer'), 'nothing without the option')
  })
}

const required = { resource: userResource, created: { precondition: 'required' } } as const
const dated = { resource: datedResource, created: { precondition: 'required' } } as const
const preconditions: Array<[what: string, Row, headers: string[]]> = [
  ['PATCH that requires one', { method: 'PATCH', config: required }, ['If-Match required']],
  ['DELETE that requires one', { method: 'DELETE', config: required }, ['If-Match required']],
  ['PATCH in strict', { method: 'PATCH', config: { resource: userResource }, own: { profile: 'strict' } },
    ['If-Match required']],
  ['PATCH that requires none', { method: 'PATCH', config: { resource: userResource } }, ['If-Match']],
  ['PUT, which may create', { method: 'PUT', config: required }, ['If-Match', 'If-None-Match']],
  ['PATCH and PUT at once', { method: ['PATCH', 'PUT'], config: required }, ['If-Match', 'If-None-Match']],
  ['POST, whose target is another resource', { method: 'POST', config: required }, ['If-Match']],
  ['PATCH of a resource with dates', { method: 'PATCH', config: dated }, ['If-Match', 'If-Unmodified-Since']],
  ['DELETE without a resource, which may have dates',
    { method: 'DELETE', config: { created: { precondition: 'required' } } }, ['If-Match']],
  ['GET of a resource with dates', {
    method: 'GET', config: { resource: resource<User>({ etag: () => 1, lastModified: () => new Date() }) }
  }, ['If-None-Match', 'If-Modified-Since']]
]

for (const [what, row, headers] of preconditions) {
  t.test(`${what} documents ${headers.join(' and ')}`, async (t) => {
    for (const options of [openapi31(), openapi30()]) {
      const { parameters } = onlyOne(await operations(t, withTransform(options), { response: ok, ...row }))
      const names = parameters
        .filter((parameter: Document) => parameter.in === 'header')
        .map(({ name, required }: Document) => required === true ? `${name} required` : name)
      t.same(names, headers)
    }
  })
}

t.test('an If-Match that the user declares is required only if the user says so', async (t) => {
  const own = { type: 'string', maxLength: 9 }
  for (const headers of [
    { type: 'object', properties: { 'if-match': own } },
    { type: 'object', properties: { 'X-Id': own, 'if-match': own }, required: ['X-Id'] },
    { allOf: [{ type: 'object', properties: { 'IF-MATCH': own } }] }
  ]) {
    const document = await documented(t, withTransform(openapi31()), (app) => {
      declareUsers(app)
      app.patch('/users/:id', { schema: { headers, response: ok }, config: required }, async () => ann)
    })
    const { parameters } = document.paths['/users/{id}'].patch
    const [ifMatch] = parameters.filter(({ name }: Document) => /^if-match$/i.test(name))
    t.match(ifMatch, { required: false, schema: { maxLength: 9 } })
    t.equal(parameters.some(({ name, required }: Document) => name === 'X-Id' && required), 'required' in headers)
  }
  const composed = await documented(t, withTransform(openapi31()), (app) => {
    declareUsers(app)
    const headers = { allOf: [{ type: 'object', properties: { 'X-Id': own } }] }
    app.patch('/users/:id', { schema: { headers, response: ok }, config: required }, async () => ann)
  })
  t.match(composed.paths['/users/{id}'].patch.parameters, [
    { name: 'If-Match', required: true }, { name: 'X-Id', required: false }
  ])
})

const locations: Array<[what: string, Row, isRequired: boolean]> = [
  ['a POST', { method: 'POST', response: { 201: UserSchema } }, true],
  ['a POST in strict', { method: 'POST', response: { 201: UserSchema }, own: { profile: 'strict' } }, true],
  ['a POST that only warns without it',
    { method: 'POST', response: { 201: UserSchema }, own: { rules: { 'created-location': 'warn' } } }, false],
  ['a PATCH', { method: 'PATCH', response: { 201: UserSchema } }, false],
  ['a route for POST and PUT', { method: ['POST', 'PUT'], response: { 201: UserSchema } }, false],
  ['a POST with any success', { method: 'POST', response: { '2xx': UserSchema } }, false],
  ['a POST with a Location of its own', {
    method: 'POST', response: { 201: { ...UserSchema, headers: { location: { type: 'string', maxLength: 9 } } } }
  }, true]
]

for (const [what, row, isRequired] of locations) {
  t.test(`Location on the 201 of ${what} is ${isRequired ? '' : 'not '}required`, async (t) => {
    for (const options of [openapi31(), openapi30()]) {
      for (const operation of Object.values(await operations(t, withTransform(options), row))) {
        const { headers } = operation.responses[201] ?? operation.responses['2XX']
        const { required = false, schema } = headers.Location ?? headers.location
        t.equal(required, isRequired)
        t.notOk('required' in schema)
        t.equal(headers.ETag?.required, undefined)
      }
      const { responses } = onlyOne(await operations(t, options, row))
      t.notMatch(responses[201] ?? responses['2XX'], { headers: { Location: { required: true } } }, 'by the transform')
    }
  })
}

t.test('a 202 is linked to its monitor, which is the resource of the route', async (t) => {
  const monitor = { ...LINK, description: 'The status monitor' }
  const rows: Array<[Row, links: Record<string, object | undefined>]> = [
    [{ method: 'POST', response: { 202: UserSchema } }, { 202: { getUser: monitor } }],
    [{ method: 'POST', response: { 200: UserSchema, 202: UserSchema } },
      { 200: undefined, 202: { getUser: monitor } }],
    // Then the resource is what it creates.
    [{ method: 'POST', response: { 201: UserSchema, 202: UserSchema } }, { 201: { getUser: LINK }, 202: undefined }],
    [{ method: 'POST', response: { '2xx': UserSchema, 202: UserSchema } },
      { '2XX': { getUser: LINK }, 202: undefined }],
    // It updates the resource.
    [{ method: 'PATCH', response: { 202: UserSchema } }, { 202: undefined }],
    [{ method: 'DELETE', response: { 202: UserSchema } }, { 202: undefined }]
  ]
  for (const [row, links] of rows) {
    const config = { resource: userResource }
    for (const options of [openapi31(), openapi30()]) {
      const { responses } = onlyOne(await operations(t, withTransform(options), { ...row, config }))
      for (const [status, expected] of Object.entries(links)) t.same(responses[status].links, expected, status)
    }
  }
  const { responses } = onlyOne(await operations(t, withTransform(openapi31()), rows[0][0]))
  t.notOk('links' in responses[202], 'no resource, no monitor')
})

t.test('the document has no trace of how it is completed, and its paths can be set', async (t) => {
  const trace = /x-fastify-created/
  for (const options of [openapi31(), { openapi: { openapi: '3.2.0' } }, swagger20()]) {
    const document = await documented(t, withTransform(options), (app) => {
      app.addHttpMethod('MKCOL')
      declareUsers(app)
      const schema = { response: { 201: UserSchema } }
      app.route({ method: 'MKCOL', url: '/mine', schema, handler: async () => ann })
      app.route({ method: ['POST', 'MKCOL'], url: '/both', schema, handler: async () => ann })
    })
    t.notMatch(JSON.stringify(document), trace)
    t.notMatch(JSON.stringify({ ...document }), trace)
    t.notMatch(JSON.stringify(structuredClone(document)), trace)
    document.paths = {}
    t.same(document.paths, {})
  }
  const transformObject = ({ openapiObject }: Document) => ({ ...openapiObject, paths: { ...openapiObject.paths } })
  const { paths } = await documented(t, { ...withTransform(openapi31()), transformObject })
  t.notMatch(JSON.stringify(paths), trace)
  t.equal(paths['/users'].post.responses[201].headers.Location.required, true)
})

t.test('paths that the user gives are documented as they are', async (t) => {
  const given = { '/given': { summary: 'Mine', get: { responses: { 200: { description: 'Mine' } } } } }
  const openapi = { openapi: '3.1.0', paths: structuredClone(given) }
  const { paths } = await documented(t, withTransform({ openapi }))
  t.same(paths['/given'], given['/given'])
  t.equal(paths['/users'].post.responses[201].headers.Location.required, true)
})

t.test('a transform that removes responses later leaves the rest', async (t) => {
  const inner = openapiTransform()
  const transform = (input: TransformInput) => {
    const { schema, url } = inner(input)
    return { schema: { ...schema, response: { 200: UserSchema } }, url }
  }
  const { paths } = await documented(t, { ...openapi31(), transform })
  t.same(namesOf(paths['/users'].post.responses), ['200'])
  t.notOk('links' in paths['/users'].post.responses[200])
})
