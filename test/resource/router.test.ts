import Fastify, { type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { Router } from '../../src/resource/router.js'

const anyone = { host: 'a.example', version: undefined }

async function routerOf (t: Test, urls: string[], options: FastifyServerOptions = {}): Promise<Router> {
  const app = Fastify(options)
  t.teardown(() => app.close())
  for (const url of urls) app.get(url, async () => '')
  await app.ready()
  return new Router(app)
}

t.test('a path that no GET route answers is a problem, and the fix is a route', async (t) => {
  const router = await routerOf(t, ['/users/:id', '/files/*', '/posts/:id(^\\d+$)', '/maybe/:id?'])
  type Row = [path: string, found?: string, fix?: string]
  const rows: Row[] = [
    ['/users/42'],
    ['/users/a%2Fb'],
    ['/files/a/b'],
    ['/files/'],
    ['/posts/42'],
    ['/maybe/42'],
    ['/maybe'],
    ['/people/42', 'no GET route answers /people/42', "declare app.get('/people/:id', …), or correct the path"],
    ['/users', 'no GET route answers /users', "declare app.get('/users', …), or correct the path"],
    ['/users/42/', 'no GET route answers /users/42/', "declare app.get('/users/:id/', …), or correct the path"],
    ['/posts/a', 'no GET route answers /posts/a', "declare app.get('/posts/:id', …), or correct the path"],
    ['/USERS/42', 'no GET route answers /USERS/42', "declare app.get('/USERS/:id', …), or correct the path"],
    ['/users/', '/users/ leaves the parameter :id of its GET route empty', 'insert the id of the record'],
    ['/users/:id', '/users/:id has the placeholder :id instead of a value', 'insert the id of the record'],
    ['/users/%3Aid'],
    ['/users/%zz', 'no GET route answers /users/%zz', "declare app.get('/users/:id', …), or correct the path"],
    [`/users/${'a'.repeat(101)}`, `no GET route answers /users/${'a'.repeat(101)}`],
    [`/users/${'a'.repeat(65_536)}`, `no GET route answers /users/${'a'.repeat(193)}…`,
      "declare app.get('/users/:id', …), or correct the path"]
  ]
  for (const [path, found, fix] of rows) {
    const problem = router.unansweredProblem(path, anyone)
    if (found === undefined) t.equal(problem, undefined, path)
    else t.match(problem, fix === undefined ? { found } : { found, fix }, path)
  }
})

t.test('whether a route under constraints answers is known only for a request that it accepts', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/users/:id', { constraints: { host: 'a.example' } }, async () => '')
  app.get('/posts/:id', { constraints: { version: '1.0.0' } }, async () => '')
  await app.ready()
  const router = new Router(app)
  for (const path of ['/users/42', '/posts/42', '/nowhere']) {
    t.equal(router.unansweredProblem(path, { host: 'b.example', version: undefined }), undefined, `${path} elsewhere`)
  }
  t.match(router.unansweredProblem('/users/:id', anyone), { found: 'has the placeholder :id' })
  t.match(router.unansweredProblem('/posts/:id', { ...anyone, version: '1.x' }), { found: 'has the placeholder :id' })
})

t.test('the options of the router are read at the top and below routerOptions', async (t) => {
  const places = [(options: object) => options, (routerOptions: object) => ({ routerOptions })]
  for (const place of places) {
    const plain = await routerOf(t, [])
    t.equal(plain.maxParamLength, 100)
    t.equal((await routerOf(t, [], place({ maxParamLength: 7 }))).maxParamLength, 7)
    const rows: Array<[options: object, a: string, b: string]> = [
      [{ caseSensitive: false }, '/users/a', '/USERS/A'],
      [{ ignoreTrailingSlash: true }, '/users', '/users/'],
      [{ ignoreDuplicateSlashes: true }, '/users', '//users'],
      [{ useSemicolonDelimiter: true }, '/users', '/users;v=1']
    ]
    for (const [options, a, b] of rows) {
      t.equal(plain.isSamePath(a, b), false, JSON.stringify(options))
      t.equal((await routerOf(t, [], place(options))).isSamePath(a, b), true, JSON.stringify(place(options)))
    }
    t.equal(plain.isSamePath('/%61', '/a'), true)
  }
})
