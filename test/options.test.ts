import Fastify from 'fastify'
import t from 'tap'
import fastifyCreated, { type FastifyCreatedOptions } from '../src/index.js'
import { setNodeEnv } from './node-env.js'
import { appWith } from './support.js'

interface Wrong { what: string, path: string, found: RegExp, required: string | RegExp, fix: string | RegExp }

const AN_ORIGIN = 'an origin without a path or a trailing slash'
const A_PATH = 'a path that begins with "/" and does not end with it'
const set = (option: string) => `await app.register(fastifyCreated, { ${option} })`

const wrong: Array<Wrong & { options: unknown }> = [
  {
    what: 'an unknown name',
    options: { profil: 'strict' },
    path: 'profil',
    found: /^an unknown option \(its value is "strict"\)$/,
    required:
      'one of profile, rules, enforcement, origin, basePath, locationOrigins, precondition, prefer, ' +
      'problemDetails, onViolation',
    fix: 'remove or rename profil'
  },
  {
    what: 'an unknown rule',
    options: { rules: { 'created-locaton': 'off' } },
    path: 'rules.created-locaton',
    found: /^an unknown option \(its value is "off"\)$/,
    required: /^one of resource-route, .*created-location, /,
    fix: 'remove or rename created-locaton'
  },
  {
    what: 'rules that are no object',
    options: { rules: ['created-location'] },
    path: 'rules',
    found: /^\[ 'created-location' \]$/,
    required: 'an object of severities',
    fix: set("rules: { 'created-etag': 'error' }")
  },
  ...[
    { what: 'an unknown severity', options: { rules: { 'created-location': 'fatal' } }, found: /^"fatal"$/ },
    { what: 'a severity that is no string', options: { rules: { 'created-location': 2 } }, found: /^2$/ }
  ].map((row) => ({
    ...row,
    path: 'rules.created-location',
    required: '"off", "warn" or "error"',
    fix: /^await app\.register\(fastifyCreated, \{ rules: \{ 'created-location': '(?:off|warn|error)' \} \}\)$/
  })),
  ...[
    { what: 'an origin with a path', origin: 'https://api.example.com/v1', found: /v1"$/ },
    { what: 'an origin with a trailing slash', origin: 'https://api.example.com/', found: /com\/"$/ },
    { what: 'an origin in upper case', origin: 'https://API.example.com', found: /API/ },
    {
      what: 'an origin with another host in upper case',
      origin: 'https://X.test',
      found: /X/,
      fix: set("origin: 'https://x.test'")
    },
    { what: 'a host as origin', origin: 'api.example.com', found: /^"api\.example\.com"$/ },
    { what: 'an origin of another scheme', origin: 'ftp://api.example.com', found: /^"ftp:/ },
    { what: 'a URL object as origin', origin: new URL('https://api.example.com'), found: /^URL \{/ }
  ].map(({ origin, ...row }) => ({
    fix: set("origin: 'https://api.example.com'"),
    ...row,
    options: { origin },
    path: 'origin',
    required: AN_ORIGIN
  })),
  ...[
    { what: 'a basePath without a slash', basePath: 'api', found: /^"api"$/ },
    { what: 'a basePath with a trailing slash', basePath: '/api/', found: /^"\/api\/"$/ },
    { what: 'a basePath that is only a slash', basePath: '/', found: /^"\/"$/ },
    { what: 'a basePath with a query', basePath: '/api?x', found: /x"$/ },
    { what: 'a basePath with a dot segment', basePath: '/a/../b', found: /\.\./ },
    { what: 'a basePath that is an origin', basePath: 'https://a.example/b', found: /^"https/ }
  ].map(({ basePath, ...row }) => ({
    ...row,
    options: { basePath },
    path: 'basePath',
    required: A_PATH,
    fix: set("basePath: '/api'")
  })),
  {
    what: 'one of the locationOrigins without a list',
    options: { locationOrigins: 'https://a.example' },
    path: 'locationOrigins',
    found: /^"https:\/\/a\.example"$/,
    required: 'a list of origins',
    fix: set("locationOrigins: ['https://cdn.example.com']")
  },
  {
    what: 'a wrong one among the locationOrigins',
    options: { locationOrigins: ['https://a.example', 'b.example'] },
    path: 'locationOrigins.1',
    found: /^"b\.example"$/,
    required: AN_ORIGIN,
    fix: set("locationOrigins: ['https://api.example.com']")
  },
  {
    what: 'a number among the locationOrigins',
    options: { locationOrigins: [7] },
    path: 'locationOrigins.0',
    found: /^7$/,
    required: AN_ORIGIN,
    fix: set("locationOrigins: ['https://api.example.com']")
  },
  ...[
    {
      option: 'profile',
      value: 'lax',
      found: /^"lax"$/,
      required: '"recommended" or "strict"',
      example: "'recommended'"
    },
    { option: 'enforcement', value: 'warn', found: /^"warn"$/, required: '"throw" or "log"', example: "'throw'" },
    {
      option: 'precondition',
      value: 'always',
      found: /^"always"$/,
      required: '"optional" or "required"',
      example: "'optional'"
    },
    {
      option: 'precondition',
      value: true,
      found: /^true$/,
      required: '"optional" or "required"',
      example: "'optional'"
    },
    { option: 'prefer', value: 'minimal', found: /^"minimal"$/, required: 'true or false', example: 'true' },
    { option: 'problemDetails', value: 1, found: /^1$/, required: 'true or false', example: 'true' },
    {
      option: 'onViolation',
      value: true,
      found: /^true$/,
      required: 'a function of a violation and its request',
      example: '(violation, request) => {}'
    }
  ].map(({ option, value, example, ...row }) => ({
    ...row,
    what: `${option}: ${value}`,
    options: { [option]: value },
    path: option,
    fix: set(`${option}: ${example}`)
  }))
]

for (const { what, options, path, found, required, fix } of wrong) {
  t.test(`register rejects ${what}, with the option, what was found, what is required, and the fix`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    const error = await Promise.resolve(app.register(fastifyCreated, options as FastifyCreatedOptions))
      .then(() => undefined, (error) => error)
    t.match(error, { code: 'FST_CREATED_OPTION_INVALID', name: 'FastifyError' })
    t.ok(error instanceof TypeError)
    matchParts(t, error.message, { path, owner: 'fastify-created', found, required, fix })
  })
}

const OF_A_ROUTE = 'one of canonical, precondition, prefer, contentLocation, rules, enforcement'
const config = (option: string) => `config: { created: { ${option} } }`

const wrongOnRoute: Array<Wrong & { created: unknown }> = [
  ...[
    { what: 'true', created: true, found: /^true$/ },
    { what: 'null', created: null, found: /^null$/ }
  ].map((row) => ({
    ...row,
    path: 'config.created',
    required: 'false, or an object of options',
    fix: 'config: { created: false }'
  })),
  {
    what: 'an unknown name',
    created: { canonica: true },
    path: 'config.created.canonica',
    found: /^an unknown option \(its value is true\)$/,
    required: OF_A_ROUTE,
    fix: 'remove or rename canonica'
  },
  {
    what: 'an option of the plugin',
    created: { problemDetails: true },
    path: 'config.created.problemDetails',
    found: /^an unknown option/,
    required: OF_A_ROUTE,
    fix: 'remove or rename problemDetails'
  },
  {
    what: 'an unknown rule',
    created: { rules: { nope: 'off' } },
    path: 'config.created.rules.nope',
    found: /^an unknown option/,
    required: /^one of resource-route, /,
    fix: 'remove or rename nope'
  },
  ...[
    { option: 'canonical', value: 'yes', found: /^"yes"$/, required: 'true or false', example: 'true' },
    { option: 'contentLocation', value: 'yes', found: /^"yes"$/, required: 'true or false', example: 'true' },
    {
      option: 'precondition',
      value: 'yes',
      found: /^"yes"$/,
      required: '"optional" or "required"',
      example: "'optional'"
    },
    { option: 'prefer', value: 1, found: /^1$/, required: 'true or false', example: 'true' },
    { option: 'enforcement', value: 'warn', found: /^"warn"$/, required: '"throw" or "log"', example: "'throw'" }
  ].map(({ option, value, example, ...row }) => ({
    ...row,
    what: `${option}: ${value}`,
    created: { [option]: value },
    path: `config.created.${option}`,
    fix: config(`${option}: ${example}`)
  }))
]

for (const { what, created, path, found, required, fix } of wrongOnRoute) {
  t.test(`a route with ${what} in config.created is rejected when it is declared`, async (t) => {
    const { app } = await appWith(t)
    try {
      app.put('/files/:id', { config: { created: created as never } }, async () => '')
      t.fail('the route was accepted')
    } catch (error) {
      t.match(error, { code: 'FST_CREATED_OPTION_INVALID' })
      matchParts(t, (error as Error).message, { path, owner: 'PUT /files/:id', found, required, fix })
    }
  })
}

/** The four parts of a message: what failed, what was found, what is required, and how to fix it. */
function matchParts (
  t: { match: (found: unknown, pattern: unknown) => unknown, equal: (a: unknown, b: unknown) => unknown },
  message: string,
  { path, owner, found, required, fix }: Omit<Wrong, 'what'> & { owner: string }
): void {
  const parts = /^The option (.+?) of (.+?) is invalid\. Found: (.+)\. Required: (.+?)\. Fix: (.+)$/.exec(message)?.slice(1) ?? []
  t.equal(parts[0], path)
  t.equal(parts[1], owner)
  t.match(parts[2], found)
  for (const [part, expected] of [[parts[3], required], [parts[4], fix]] as const) {
    if (typeof expected === 'string') t.equal(part, expected)
    else t.match(part, expected)
  }
}

t.test('every right option is accepted, and so are those of register itself', async (t) => {
  const right: unknown[] = [
    {},
    undefined,
    {
      profile: 'strict',
      rules: { 'created-body': 'off' },
      enforcement: 'log',
      origin: 'http://localhost:3000',
      basePath: '/a/b',
      locationOrigins: ['https://a.example', 'http://[::1]:8080'],
      precondition: 'required',
      prefer: true,
      problemDetails: true,
      onViolation: () => {}
    },
    { origin: undefined, basePath: '', locationOrigins: [] },
    { prefix: '/ignored', logLevel: 'warn', logSerializers: {} }
  ]
  for (const options of right) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.resolves(Promise.resolve(app.register(fastifyCreated, options as FastifyCreatedOptions)))
  }
})

t.test('enforcement is log in production, and throw elsewhere', async (t) => {
  for (const [environment, status] of [['production', 201], ['development', 500], ['test', 500], ['', 500]] as const) {
    setNodeEnv(t, environment)
    const { app } = await appWith(t, { enforcement: undefined })
    app.post('/things', async (_request, reply) => reply.code(201).send({}))
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, status, environment)
  }
})

const ALREADY_REGISTERED = {
  code: 'FST_CREATED_ALREADY_REGISTERED',
  statusCode: 500,
  message: /^fastify-created cannot be registered\. Found: .+ in this scope already\. Required: once in a scope\. Fix: remove one/
}

t.test('registered twice in the root scope, the error names the plugin and the fix', async (t) => {
  const { app } = await appWith(t)
  await t.rejects(Promise.resolve(app.register(fastifyCreated)), ALREADY_REGISTERED)

  const notAwaited = Fastify()
  t.teardown(() => notAwaited.close())
  notAwaited.register(fastifyCreated)
  notAwaited.register(fastifyCreated, { profile: 'strict' })
  await t.rejects(Promise.resolve(notAwaited.ready()), ALREADY_REGISTERED)
})

t.test('registered twice in a nested scope, the error names the plugin and the fix', async (t) => {
  const { app } = await appWith(t)
  let error: unknown
  await app.register(async (scope) => {
    await scope.register(fastifyCreated)
    error = await Promise.resolve(scope.register(fastifyCreated)).then(() => undefined, (error) => error)
  }).then(undefined, () => {})
  t.match(error, ALREADY_REGISTERED)
})

t.test('nested scopes may register the plugin again, with options of their own', async (t) => {
  const { app } = await appWith(t, { enforcement: 'throw' })
  const declare = (scope: typeof app) => {
    scope.post('/things', async (_request, reply) => reply.code(201).send({}))
  }
  declare(app)
  for (const enforcement of ['log', 'throw'] as const) {
    app.register(async (scope) => {
      await scope.register(fastifyCreated, { enforcement })
      declare(scope as unknown as typeof app)
      scope.register(async (inner) => {
        await inner.register(fastifyCreated, { enforcement: enforcement === 'log' ? 'throw' : 'log' })
        declare(inner as unknown as typeof app)
      }, { prefix: '/inner' })
    }, { prefix: `/${enforcement}` })
  }
  const urls = {
    '/things': 500,
    '/log/things': 201,
    '/log/inner/things': 500,
    '/throw/things': 500,
    '/throw/inner/things': 201
  }
  for (const [url, status] of Object.entries(urls)) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, status, url)
  }
})
