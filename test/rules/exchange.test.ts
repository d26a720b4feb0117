import t from 'tap'
import type { ResourceUrl } from '../../src/resource/url-template.js'
import { fakeExchange } from './fake-exchange.js'

t.test('Location is a reference on a 201, and if a helper was given it', async (t) => {
  t.same(fakeExchange({ location: '/a?b' }).reference, { origin: undefined, path: '/a', query: '?b' })
  t.same(fakeExchange({ location: '/a', status: 303, isLocationOfHelper: true }).reference, {
    origin: undefined, path: '/a', query: ''
  })
  for (const parts of [{ location: '/a', status: 303 }, { location: 'a' }, { location: ['/a'] }, {}]) {
    t.equal(fakeExchange(parts).reference, undefined)
  }
})

t.test('the URL of a resource is a reference as it is, in the app', async (t) => {
  const resourceUrl = { path: '/things/1' } as ResourceUrl
  t.same(fakeExchange({ location: 'https://a.example/api/things/1', resourceUrl, status: 303 }).reference, {
    path: '/things/1', query: ''
  })
})

t.test('a header on several lines is one list', async (t) => {
  const exchange = fakeExchange({ requestHeaders: { one: 'a', two: ['a', 'b'] } })
  t.equal(exchange.requestHeader('one'), 'a')
  t.equal(exchange.requestHeader('two'), 'a, b')
  t.equal(exchange.requestHeader('none'), undefined)
  t.same(exchange.requestHeaderNames, ['one', 'two'])
})

t.test('of a Response the headers are its own, and those of the reply that it does not set', async (t) => {
  const response = new Response('', { headers: { etag: '"1"' } })
  const exchange = fakeExchange({ response, responseHeaders: { etag: '"2"', link: '</a>' } })
  t.equal(exchange.responseHeader('etag'), '"1"')
  t.equal(exchange.responseHeader('link'), '</a>')
  t.equal(exchange.responseHeader('location'), undefined)
  t.equal(fakeExchange({ responseHeaders: { etag: '"2"' } }).responseHeader('etag'), '"2"')
})

t.test('what nobody has said is false or unknown', async (t) => {
  const exchange = fakeExchange()
  const flags = ['isLocationOfHelper', 'declaresNoEtag', 'isFromErrorHandler', 'hasAssertedPreconditions'] as const
  for (const name of flags) {
    t.equal(exchange[name], false, name)
  }
  t.equal(exchange.resourceUrl, undefined)
  t.equal(exchange.hasContent, false)
})
