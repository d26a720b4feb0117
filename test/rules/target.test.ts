import t from 'tap'
import {
  isBuiltFromHost, isBuiltFromWrongPath, isOnThisServer, isOwnHost, namesTarget
} from '../../src/rules/target.js'
import { fakeExchange, fakeRoute } from './fake-exchange.js'

t.test('a Location names the target whatever form the request-target has, in and outside the basePath', async (t) => {
  const rows: Array<[target: string, path: string, query: string, expected: boolean]> = [
    ['/things', '/things', '', true],
    ['/things', '/api/things', '', true],
    ['/api/things', '/api/things', '', true],
    ['/things?a=1', '/things', '', true],
    ['/things?a=1', '/things', '?a=1', false],
    ['/things?a=1', '/things', '?a=2', false],
    ['/things#a', '/things', '', true],
    ['/things', '/things/1', '', false],
    ['http://other.example/things', '/things', '', true],
    ['http://[/things', '/things', '', true],
    ['http://a', '/', '', true],
    ['http://a?b=/things', '/', '', true],
    ['HTTPS://a/b\\c', '/b\\c', '', true],
    ['http://a/b\\c', '/b/c', '', false],
    ['//evil.example/things', '/things', '', false],
    ['*', '/things', '', false]
  ]
  for (const [target, path, query, expected] of rows) {
    const exchange = fakeExchange({ targets: [target, target] })
    t.equal(namesTarget({ path, query }, exchange, fakeRoute), expected, `${target} ${path}${query}`)
  }
})

t.test('to PUT the query belongs to the target', async (t) => {
  const put = fakeExchange({ method: 'PUT', targets: ['/things?a=1', '/things?a=1'] })
  t.equal(namesTarget({ path: '/things', query: '?a=1' }, put, fakeRoute), true)
  t.equal(namesTarget({ path: '/things', query: '?a=2' }, put, fakeRoute), false)
})

t.test('to PUT a Location in another spelling of the target still names it', async (t) => {
  const rows: Array<[target: string, path: string, expected: boolean]> = [
    ['/things/7C9E', '/things/7c9e', true],
    ['/things/7%439E', '/things/7c9e', true],
    ['/things/007', '/things/7', true],
    ['/things/%207', '/things/7', true],
    ['/things/7.0', '/things/7', true],
    ['/things/cafe%CC%81', '/things/caf%C3%A9', true],
    ['/things/', '/things/0', false],
    ['/things/%20', '/things/0', false],
    ['/things/7', '/things/8', false],
    ['/things/7c9e', '/things/7c9f', false]
  ]
  for (const [target, path, expected] of rows) {
    const put = fakeExchange({ method: 'PUT', targets: [target, target] })
    t.equal(namesTarget({ path, query: '' }, put, fakeRoute), expected, `${target} ${path}`)
    const post = fakeExchange({ targets: [target, target] })
    t.equal(namesTarget({ path, query: '' }, post, fakeRoute), false, `POST ${target} ${path}`)
  }
})

t.test('if the app rewrites URLs, the target is the URL that was sent, and the one that is routed', async (t) => {
  const exchange = fakeExchange({ targets: ['/v1/things', '/things'] })
  for (const [path, expected] of [['/v1/things', true], ['/things', true], ['/v2/things', false]] as const) {
    t.equal(namesTarget({ path, query: '' }, exchange, fakeRoute), expected, path)
  }
})

t.test('the own host is the one that the request says it was sent to', async (t) => {
  const rows: Array<[origin: string, host: string, expected: boolean]> = [
    ['https://a.example', 'a.example', true],
    ['http://a.example', 'A.example:80', true],
    ['http://a.example:8080', 'a.example', false],
    ['https://b.example', 'a.example', false],
    ['https://b.example', '', false],
    ['https://b.example', '[', false],
    ['null', 'a.example', false]
  ]
  for (const [origin, host, expected] of rows) {
    t.equal(isOwnHost(origin, fakeExchange({ host })), expected, `${origin} ${host}`)
  }
})

t.test('a path is on this server, and so is the origin; without that option, the own host', async (t) => {
  const server = { basePath: '', locationOrigins: ['https://cdn.example'] }
  const exchange = fakeExchange({ host: 'cdn.example' })
  const rows: Array<[origin: string | undefined, ownOrigin: string | undefined, host: string, expected: boolean]> = [
    [undefined, undefined, 'a.example', true],
    [undefined, 'https://a.example', 'a.example', true],
    ['https://a.example', 'https://a.example', 'b.example', true],
    ['https://b.example', 'https://a.example', 'b.example', false],
    ['https://b.example', undefined, 'b.example', true],
    ['https://b.example', undefined, 'a.example', false],
    ['https://cdn.example', undefined, 'cdn.example', false]
  ]
  for (const [origin, ownOrigin, host, expected] of rows) {
    const reference = { origin, path: '/', query: '' }
    const isOn = isOnThisServer(reference, fakeExchange({ host }), { ...server, origin: ownOrigin })
    t.equal(isOn, expected, `${origin}, ${ownOrigin}, ${host}`)
  }
  t.equal(isOnThisServer({ path: '/', query: '' }, exchange, server), true)
})

t.test('a Location is built from the Host, whatever nonsense that is', async (t) => {
  for (const host of ['a.example', '', 'a b', 'me@a.example', 'a.example/x?']) {
    t.equal(isBuiltFromHost(fakeExchange({ host, location: `https://${host}/things/1` })), true, host)
    t.equal(isBuiltFromHost(fakeExchange({ host, location: '/things/1' })), false, host)
    t.equal(isBuiltFromHost(fakeExchange({ host })), false, host)
  }
  t.equal(isBuiltFromHost(fakeExchange({ host: 'a.example', location: 'https://b.example/things/1' })), false)
})

t.test('a Location is built from a host of the request, however URL() and proxies have changed it', async (t) => {
  const rows: Array<[location: string, host: string, headers: Record<string, string>, expected: boolean]> = [
    ['http://a.example/1', 'A.Example', {}, true],
    ['http://a.example/1', 'a.example:80', {}, true],
    ['http://a.example/1', 'a.example:8080', {}, true],
    ['http://127.0.0.1/1', '0x7f.1', {}, true],
    ['http://xn--bcher-kva.example/1', 'b\u00FCcher.example', {}, true],
    ['http://ME@a.example/1', 'ME@A.example', {}, true],
    ['http://b.example/1', 'a.example', { host: 'b.example' }, true],
    ['http://b.example/1', 'a.example', { ':authority': 'B.example' }, true],
    ['http://b.example/1', 'a.example', { 'x-forwarded-host': 'c.example, B.example' }, true],
    ['http://b.example/1', 'a.example', { 'x-forwarded-host': 'c.example' }, false],
    ['http://b.example/1', '', {}, false]
  ]
  for (const [location, host, requestHeaders, expected] of rows) {
    t.equal(isBuiltFromHost(fakeExchange({ location, host, requestHeaders })), expected, `${location} ${host}`)
  }
})

t.test('a Location is built from a path that is no path of a resource', async (t) => {
  const rows: Array<[target: string, location: string | undefined, expected: boolean]> = [
    ['/users/{}/posts', '/users/{}/posts/5', true],
    ['http://a/users/{}/posts', 'https://a/users/{}/posts/5', true],
    ['/users//posts?a=1', '/users//posts/5', true],
    ['/users/./posts', '/users/./posts/5', true],
    ['/users/1/posts', '/users/1/posts/{}', false],
    ['/users/{}/posts', '/users/1/posts', false],
    ['/users/{}/posts', undefined, false]
  ]
  for (const [target, location, expected] of rows) {
    t.equal(isBuiltFromWrongPath(fakeExchange({ location, targets: [target, target] })), expected, target)
  }
})
