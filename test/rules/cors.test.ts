import t from 'tap'
import { corsExpose } from '../../src/rules/cors.js'
import { fakeExchange, fakeRoute } from './fake-exchange.js'

const requestHeaders = { origin: 'https://page.example', host: 'api.example' }
const responseHeaders = { 'access-control-allow-origin': '*' }

t.test('only headers that are there can be hidden from scripts', async (t) => {
  const rows: Array<[parts: { location?: string, etag?: string }, hidden: string | undefined]> = [
    [{ location: '/a' }, 'Location'],
    [{ etag: '"1"' }, 'ETag'],
    [{ location: '/a', etag: '"1"' }, 'Location and ETag'],
    [{}, undefined]
  ]
  for (const [parts, hidden] of rows) {
    const finding = corsExpose.check(fakeExchange({ requestHeaders, responseHeaders, ...parts }), fakeRoute)
    t.equal(finding?.found, hidden && `Access-Control-Expose-Headers does not have ${hidden}`)
  }
})

t.test('nothing is hidden if no script has sent the request, or one of the own origin', async (t) => {
  const isHidden = (exchange: ReturnType<typeof fakeExchange>, origin?: string) => {
    const { settings } = fakeRoute
    return corsExpose.check(exchange, {
      ...fakeRoute, settings: { ...settings, server: { ...settings.server, origin } }
    }) !== undefined
  }
  t.equal(isHidden(fakeExchange({ responseHeaders, location: '/a' })), false, 'no script has sent it')
  const exchange = fakeExchange({ requestHeaders, responseHeaders, location: '/a' })
  t.equal(isHidden(exchange), true)
  t.equal(isHidden(exchange, 'https://page.example'), false, 'the own origin is not another one')
  t.equal(isHidden(exchange, 'https://other.example'), true)
  t.equal(isHidden(fakeExchange({ requestHeaders, responseHeaders, location: '/a', host: 'page.example' })), false)
})
