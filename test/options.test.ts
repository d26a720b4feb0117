import Fastify from 'fastify'
import t from 'tap'
import created, { type PluginOptions } from '../src/index.js'
import { guarded } from './support.js'

const wrong: Array<[says: string, options: unknown, path: string, found: RegExp, allowed: RegExp]> = [
  ['an unknown name', { profil: 'strict' }, 'profil', /unknown \(its value is "strict"\)/, /profile, rules, enforcement, origin, basePath, allowedOrigins, precondition, prefer, problemDetails, onViolation/],
  ['an unknown profile', { profile: 'lax' }, 'profile', /"lax"/, /"recommended", "strict"/],
  ['an unknown enforcement', { enforcement: 'warn' }, 'enforcement', /"warn"/, /"throw", "log"/],
  ['an unknown rule', { rules: { 'created-locaton': 'off' } }, 'rules/created-locaton', /unknown/, /below rules: .*created-location/],
  ['an unknown severity', { rules: { 'created-location': 'fatal' } }, 'rules/created-location', /"fatal"/, /"off", "warn", "error"/],
  ['a severity that is no string', { rules: { 'created-location': 2 } }, 'rules/created-location', /2/, /"off", "warn", "error"/],
  ['rules that are no object', { rules: ['created-location'] }, 'rules', /\[ 'created-location' \]/, /an object of options/],
  ['an origin with a path', { origin: 'https://api.example.com/v1' }, 'origin', /v1/, /here that is "https:\/\/api\.example\.com"/],
  ['an origin with a trailing slash', { origin: 'https://api.example.com/' }, 'origin', /com\/"/, /here that is "https:\/\/api\.example\.com"/],
  ['an origin in upper case', { origin: 'https://API.example.com' }, 'origin', /API/, /here that is "https:\/\/api\.example\.com"/],
  ['a host for an origin', { origin: 'api.example.com' }, 'origin', /api\.example\.com/, /an origin such as/],
  ['an origin of another scheme', { origin: 'ftp://api.example.com' }, 'origin', /ftp/, /an origin such as/],
  ['a URL for an origin', { origin: new URL('https://api.example.com') }, 'origin', /URL/, /an origin such as/],
  ['a basePath without a slash', { basePath: 'api' }, 'basePath', /"api"/, /begins with "\/"/],
  ['a basePath with a trailing slash', { basePath: '/api/' }, 'basePath', /"\/api\/"/, /does not end with it/],
  ['a basePath that is only a slash', { basePath: '/' }, 'basePath', /"\/"/, /does not end with it/],
  ['a basePath with a query', { basePath: '/api?x' }, 'basePath', /x/, /begins with "\/"/],
  ['a basePath with a dot segment', { basePath: '/a/../b' }, 'basePath', /\.\./, /begins with "\/"/],
  ['a basePath that is an origin', { basePath: 'https://a.example/b' }, 'basePath', /https/, /begins with "\/"/],
  ['one allowed origin without a list', { allowedOrigins: 'https://a.example' }, 'allowedOrigins', /a\.example/, /a list of origins/],
  ['a wrong one among allowed origins', { allowedOrigins: ['https://a.example', 'b.example'] }, 'allowedOrigins/1', /b\.example/, /an origin such as/],
  ['a number among allowed origins', { allowedOrigins: [7] }, 'allowedOrigins/0', /7/, /an origin such as/],
  ['an unknown precondition', { precondition: 'always' }, 'precondition', /"always"/, /"optional", "required"/],
  ['a precondition that is a boolean', { precondition: true }, 'precondition', /true/, /"optional", "required"/],
  ['a preference for prefer', { prefer: 'minimal' }, 'prefer', /"minimal"/, /true or false/],
  ['problemDetails that is no boolean', { problemDetails: 1 }, 'problemDetails', /1/, /true or false/],
  ['an onViolation that is no function', { onViolation: true }, 'onViolation', /true/, /a function/]
]

for (const [says, options, path, found, allowed] of wrong) {
  t.test(`the plugin refuses ${says} at register, naming the path, the value, and what is allowed`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    const error = await Promise.resolve(app.register(created, options as PluginOptions)).then(() => undefined, (error) => error)
    t.match(error, { code: 'FST_CREATED_OPTION_INVALID', name: 'FastifyError' })
    t.ok(error instanceof TypeError)
    const [, saysFound, saysAllowed] = /is (.+)\. Allowed: (.+)\.$/.exec(error.message) ?? []
    t.ok(error.message.startsWith(`fastify-created: the option ${path} is `), error.message)
    t.match(saysFound, found)
    t.match(saysAllowed, allowed)
  })
}

const wrongOnRoute: Array<[says: string, declared: unknown, path: string, allowed: RegExp]> = [
  ['true', true, 'config.created', /false, or an object of options/],
  ['null', null, 'config.created', /false, or an object/],
  ['an unknown name', { verbatm: true }, 'config.created/verbatm', /below config\.created: home, precondition, prefer, representation, verbatim, rules, enforcement/],
  ['a wrong type', { verbatim: 'yes' }, 'config.created/verbatim', /true or false/],
  ['an unknown precondition', { precondition: 'yes' }, 'config.created/precondition', /"optional", "required"/],
  ['a wrong prefer', { prefer: 1 }, 'config.created/prefer', /true or false/],
  ['an option of the plugin', { problemDetails: true }, 'config.created/problemDetails', /below config\.created: home, precondition, prefer/],
  ['an unknown rule', { rules: { nope: 'off' } }, 'config.created/rules/nope', /below config\.created\/rules: resource-home/]
]

for (const [says, declared, path, allowed] of wrongOnRoute) {
  t.test(`a route whose config.created is ${says} is refused where it is declared`, async (t) => {
    const { app } = await guarded(t)
    t.throws(() => app.put('/files/:id', { config: { created: declared as never } }, async () => ''), {
      code: 'FST_CREATED_OPTION_INVALID',
      message: new RegExp(`^PUT /files/:id: the option ${path} is .+ Allowed: .*${allowed.source}`)
    })
  })
}

t.test('every right option is taken, and so is what register takes for itself', async (t) => {
  const right: unknown[] = [
    {},
    undefined,
    { profile: 'strict', rules: { 'created-body': 'off' }, enforcement: 'log', origin: 'http://localhost:3000', basePath: '/a/b', allowedOrigins: ['https://a.example', 'http://[::1]:8080'], precondition: 'required', prefer: true, problemDetails: true, onViolation: () => {} },
    { origin: undefined, basePath: '', allowedOrigins: [] },
    { prefix: '/ignored', logLevel: 'warn', logSerializers: {} }
  ]
  for (const options of right) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.resolves(Promise.resolve(app.register(created, options as PluginOptions)))
  }
})

t.test('enforcement is log in production, and throw elsewhere', async (t) => {
  const before = process.env.NODE_ENV
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  })
  for (const [environment, status] of [['production', 201], ['development', 500], ['test', 500], ['', 500]] as const) {
    process.env.NODE_ENV = environment
    const { app } = await guarded(t, { enforcement: undefined })
    app.post('/things', async (_request, reply) => reply.code(201).send({}))
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, status, environment)
  }
})

t.test('registered twice in one scope, the plugin says so', async (t) => {
  const { app } = await guarded(t)
  await t.rejects(Promise.resolve(app.register(created)), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
})
