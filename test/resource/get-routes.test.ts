import fc from 'fast-check'
import Fastify from 'fastify'
import t from 'tap'
import { GetRoutes, mayMeet } from '../../src/resource/get-routes.js'

const of = (areAllSeen: boolean, ...urls: string[]): GetRoutes => {
  const routes = new GetRoutes(areAllSeen)
  for (const url of urls) routes.add({ url, resource: undefined, isHome: false }, false)
  return routes
}

t.test('two URLs may meet where some path could be answered by both, and where that is in doubt', async (t) => {
  const rows: Array<[a: string, b: string, meet: boolean]> = [
    ['/users/:id', '/users/:name', true],
    ['/users/:id', '/users/new', true],
    ['/users/:id', '/:kind/:id', true],
    ['/users/:id', '/users', false],
    ['/users/:id', '/users/', false],
    ['/users/:id', '/users/:id/', true],
    ['/users/:id', '/users/:id/files', false],
    ['/users/:id', '/files/:id', false],
    ['/users/:id', '/USERS/:id', true],
    ['/users/:id', '/*', true],
    ['/users/:id', '/users/*', true],
    ['/users/:id', '/users/:id/*', true],
    ['/users/:id', '/users/:id/:part?', true],
    ['/users/:id', '/files/*', false],
    ['/users/:id', '/users/:id(\\d+)', true],
    ['/users/:id', '/users/:a-:b', true],
    ['/users/:id', '/users/a::b', true],
    ['/users/:id', '/us%65rs/:id', true],
    ['/users/:id', '/', false],
    ['/', '/', true]
  ]
  for (const [a, b, meet] of rows) {
    t.equal(mayMeet(a, b), meet, `${a} and ${b}`)
    t.equal(mayMeet(b, a), meet, `${b} and ${a}`)
  }
})

t.test('a URL is alone where all routes are known, and none of them may meet it', async (t) => {
  t.equal(of(true, '/users/:id', '/users', '/files/*').isAlone('/users/:id'), true)
  t.equal(of(false, '/users/:id', '/users', '/files/*').isAlone('/users/:id'), false, 'a route that is not seen may meet it')
  t.equal(of(true, '/users/:id', '/users/new').isAlone('/users/:id'), false)
  t.equal(of(true, '/users/:id', '/users/:id').isAlone('/users/:id'), false, 'the same under other constraints')
  for (const url of ['/users/:id(\\d+)', '/users/*', '/users/:id?', '/users/:a-:b']) t.equal(of(true, url).isAlone(url), false, url)
})

t.test('the members of a collection are the plain paths of its URL, with one segment more', async (t) => {
  const routes = of(false, '/users/:id', '/:page', '/orgs/:org/users/:id', '/files/:id(\\d+)', '/tags/:a-:b', '/tags/:a-:b/:id')
  const rows: Array<[url: string, path: string, isMember: boolean]> = [
    ['/users', '/users/42', true],
    ['/users', '/users/a~b_c-d', true],
    ['/users', '/users', false],
    ['/users', '/users/', false],
    ['/users', '/USERS/42', false],
    ['/users', '/users/42/files', false],
    ['/users', '/users/a.b', false],
    ['/users', '/users/a%2Fb', false],
    ['/users', '/users/42?a', false],
    ['/users', '/users/42\n', false],
    ['/users', 'https://else.where/users/42', false],
    ['/users/', '/users/42', false],
    ['/orgs/:org/users', '/orgs/1/users/2', true],
    ['/orgs/:org/users', '/orgs/1/files/2', false],
    ['/orgs/:id/users', '/orgs/1/users/2', false],
    ['/files', '/files/42', false],
    ['/tags/:a-:b', '/tags/x-y/1', false],
    ['/tags', '/tags/x-y', false],
    ['/', '/about', false],
    ['', '', false],
    ['/nowhere', '/nowhere/42', false]
  ]
  for (const [url, path, isMember] of rows) t.equal(routes.membersOf(url).test(path), isMember, `${path} of ${url}`)

  const constrained = new GetRoutes(true)
  constrained.add({ url: '/users/:id', resource: undefined, isHome: false }, true)
  t.equal(constrained.membersOf('/users').test('/users/42'), false, 'another host may be answered otherwise')
})

const aSegment = fc.constantFrom('users', 'USERS', 'new', 'a-b', ':id', ':org', ':id', ':id(\\d+)', ':a-:b', 'a::b', '%61', '')
const aUrl = fc.tuple(fc.array(aSegment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '', '/', '/*', '/:rest?'))
  .map(([segments, end]) => `/${segments.join('/')}${end}`)
const someOptions = fc.record({ caseSensitive: fc.boolean(), ignoreTrailingSlash: fc.boolean(), ignoreDuplicateSlashes: fc.boolean() })
const aValue = fc.constantFrom('42', 'new', 'NEW', 'a-b', 'users', '~', 'constructor')

t.test('what is said without asking the router is what the router says', async (t) => {
  const count = { alone: 0, answered: 0 }
  await fc.assert(fc.asyncProperty(fc.array(aUrl, { minLength: 1, maxLength: 5 }), someOptions, fc.array(aValue, { minLength: 3, maxLength: 3 }), async (urls, routerOptions, values) => {
    const app = Fastify({ routerOptions })
    const routes = new GetRoutes(true)
    for (const url of urls) {
      try {
        app.get(url, async () => '')
      } catch {
        // The router takes it for one that is there, or for none at all, and is left with half of it.
        await app.close()
        return
      }
      routes.add({ url, resource: undefined, isHome: false }, false)
    }
    await app.ready()
    for (const url of urls) {
      let next = 0
      const parameters: Record<string, string> = {}
      const path = url.replace(/:(\w+)/g, (_parameter, name) => (parameters[name] = values[next++]))
      if (!/^(?:\/[\w~-]+)+$/.test(path)) continue
      const found = app.findRoute({ method: 'GET', url: path } as Parameters<typeof app.findRoute>[0])
      if (routes.isAlone(url)) {
        count.alone++
        if (JSON.stringify(found?.params) !== JSON.stringify(parameters)) throw new Error(`${path} of ${url} is read as ${JSON.stringify(found?.params)}`)
      }
      if (routes.membersOf(url.slice(0, url.lastIndexOf('/'))).test(path)) {
        count.answered++
        if (found === null) throw new Error(`${path} is answered by none of ${urls}`)
      }
    }
    await app.close()
  }), { numRuns: 2000 })
  t.ok(count.alone > 100, `${count.alone} alone`)
  t.ok(count.answered > 100, `${count.answered} answered`)
})
