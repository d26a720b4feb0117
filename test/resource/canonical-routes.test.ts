import fc from 'fast-check'
import t from 'tap'
import { CanonicalRoutes, type CanonicalRoute, type Scope } from '../../src/resource/canonical-routes.js'
import { resource, type Resource } from '../../src/resource/resource.js'
import { parsePattern } from '../../src/resource/url-pattern.js'

const newResource = (): Resource<unknown> => resource<any>({ etag: () => 1 })
const userResource = newResource()

function canonicalRoute (url: string, scope: Scope, of = userResource, isConstrained = false): CanonicalRoute {
  return { resource: of, scope, url, pattern: parsePattern(url), isConstrained }
}

/** Named by the way to it: `a1` is inside `a`, and `a` is inside `root`. */
function scopes (): Record<string, Scope> {
  const root = {}
  const [a, b] = [Object.create(root), Object.create(root)]
  const [a1, a2, b1] = [Object.create(a), Object.create(a), Object.create(b)]
  return { root, a, b, a1, a2, b1, a1x: Object.create(a1) }
}

type Nearest = [name: string, declared: Array<[url: string, scope: string]>, from: string, found: string[]]
const nearest: Nearest[] = [
  ['none at all', [], 'root', []],
  ['one in the same scope', [['/users/:id', 'a']], 'a', ['/users/:id']],
  ['one in the outer scope', [['/users/:id', 'root']], 'a', ['/users/:id']],
  ['one in the outermost scope', [['/users/:id', 'root']], 'a1x', ['/users/:id']],
  ['one in an inner scope', [['/users/:id', 'a1x']], 'root', ['/users/:id']],
  ['one in a sibling', [['/users/:id', 'b']], 'a', ['/users/:id']],
  ['one in a cousin', [['/users/:id', 'b1']], 'a1', ['/users/:id']],
  ['its own before that of the outer scope', [['/users/:id', 'root'], ['/a/users/:id', 'a']], 'a', ['/a/users/:id']],
  ['its own before that of the outer scope, declared first', [['/a/users/:id', 'a'], ['/users/:id', 'root']], 'a',
    ['/a/users/:id']],
  ['its own before that of an inner scope', [['/a1/users/:id', 'a1'], ['/users/:id', 'a']], 'a', ['/users/:id']],
  ['the outer scope before a sibling', [['/b/users/:id', 'b'], ['/users/:id', 'root']], 'a', ['/users/:id']],
  ['a sibling before a cousin', [['/b1/users/:id', 'b1'], ['/a2/users/:id', 'a2']], 'a1', ['/a2/users/:id']],
  ['a sibling of the outer scope before its child', [['/b1/users/:id', 'b1'], ['/b/users/:id', 'b']], 'a1',
    ['/b/users/:id']],
  ['a child before one two hops out', [['/users/:id', 'root'], ['/a1x/users/:id', 'a1x']], 'a1', ['/a1x/users/:id']],
  ['each its own, if one plugin is mounted twice: v1', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'a',
    ['/v1/users/:id']],
  ['each its own, if one plugin is mounted twice: v2', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'b',
    ['/v2/users/:id']],
  ['each its own, if the creating route is in an inner scope', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'b1',
    ['/v2/users/:id']],
  ['both, seen from between two mounts', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'root',
    ['/v1/users/:id', '/v2/users/:id']],
  ['two in one scope', [['/users/:id', 'a'], ['/people/:id', 'a']], 'a', ['/users/:id', '/people/:id']],
  ['a sibling and a child of the same distance', [['/users/:id', 'a'], ['/people/:id', 'a1x']], 'a1',
    ['/users/:id', '/people/:id']],
  ['a scope two hops out and a sibling of the same distance', [['/users/:id', 'root'], ['/a2/users/:id', 'a2']], 'a1',
    ['/users/:id', '/a2/users/:id']],
  ['the same URL twice, once', [['/users/:id', 'a'], ['/users/:id', 'a']], 'a', ['/users/:id']],
  ['the same URL twice in different scopes, once', [['/users/:id', 'a'], ['/users/:id', 'b']], 'root', ['/users/:id']],
  ['the same URL twice beside another', [['/users/:id', 'a'], ['/people/:id', 'a'], ['/users/:id', 'a']], 'a',
    ['/users/:id', '/people/:id']]
]

t.test('the nearest canonical route is found', async (t) => {
  for (const [name, declared, from, found] of nearest) {
    const scope = scopes()
    const routes = new CanonicalRoutes()
    for (const [url, around] of declared) routes.add(canonicalRoute(url, scope[around]))
    const urls = routes.nearest(userResource, scope[from]).map(({ url }) => url)
    t.same(urls.sort(), found.toSorted(), `${name}: ${found.join(' and ') || 'none'}`)
    t.same(routes.nearest(newResource(), scope[from]), [], `${name}, and none of another resource`)
  }
})

t.test('of one URL under several constraints, the route without any is found: it can be looked up', async (t) => {
  const scope = {}
  const free = canonicalRoute('/users/:id', scope)
  const [ofHost, ofVersion] = [1, 2].map(() => canonicalRoute('/users/:id', scope, userResource, true))
  const orders = [
    ['first', [free, ofHost, ofVersion]],
    ['between', [ofHost, free, ofVersion]],
    ['last', [ofHost, ofVersion, free]]
  ] as const
  for (const [name, declared] of orders) {
    const routes = new CanonicalRoutes()
    for (const route of declared) routes.add(route)
    const [found, ...others] = routes.nearest(userResource, scope)
    t.equal(found, free, `declared ${name}`)
    t.same(others, [])
  }
  const routes = new CanonicalRoutes()
  routes.add(ofHost)
  routes.add(ofVersion)
  t.equal(routes.nearest(userResource, scope).length, 1, 'one of them if all have constraints')
})

/** Each node but the first is inside a node before it. */
const aTree = fc.array(fc.nat(), { maxLength: 12 })
  .map((parents) => parents.map((parent, index) => parent % (index + 1)))

function grow (parents: number[]): { scopes: Scope[], around: (node: number) => number[] } {
  const scopes: Scope[] = [{}]
  for (const parent of parents) scopes.push(Object.create(scopes[parent]))
  const around = (node: number): number[] => node === 0 ? [0] : [node, ...around(parents[node - 1])]
  return { scopes, around }
}

t.test('in any tree, the nearest routes are those of the smallest number of hops, one for each URL', async (t) => {
  const aRoute = fc.record({ node: fc.nat(), url: fc.nat({ max: 5 }), of: fc.nat({ max: 1 }) })
  const someRoutes = fc.array(aRoute, { maxLength: 15 })
  const count = { none: 0, one: 0, several: 0 }
  fc.assert(fc.property(aTree, someRoutes, fc.nat(), (parents, declared, start) => {
    const { scopes, around } = grow(parents)
    const resources = [userResource, newResource()]
    const from = start % scopes.length
    const routes = new CanonicalRoutes()
    const distances = declared.map(({ node, url, of }) => {
      const scope = node % scopes.length
      routes.add(canonicalRoute(`/${url}/:id`, scopes[scope], resources[of]))
      const [down, up] = [around(scope), around(from)]
      const common = up.find((ancestor) => down.includes(ancestor))!
      return { url: `/${url}/:id`, of, distance: up.indexOf(common) + down.indexOf(common) }
    })
    for (const [of, resource] of resources.entries()) {
      const own = distances.filter((route) => route.of === of)
      const smallest = Math.min(...own.map(({ distance }) => distance))
      const nearest = own.filter(({ distance }) => distance === smallest)
      const expected = [...new Set(nearest.map(({ url }) => url))].sort()
      const found = routes.nearest(resource, scopes[from])
      if (found.some((route) => route.resource !== resource)) return false
      if (found.map(({ url }) => url).sort().join() !== expected.join()) return false
      count[expected.length === 0 ? 'none' : expected.length === 1 ? 'one' : 'several']++
    }
    return true
  }), { numRuns: 2000 })
  for (const [kind, times] of Object.entries(count)) t.ok(times > 100, `${kind}: ${times} times`)
})
