import t from 'tap'
import { specUri } from '../../../src/cli/report/spec-uri.js'

t.test('a specification has a URL', (t) => {
  t.equal(specUri('RFC 9110 sections 8.8.3 and 15.3.1'), 'https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3')
  t.equal(specUri('RFC 3986'), 'https://www.rfc-editor.org/rfc/rfc3986')
  t.match(specUri('Fetch standard, CORS-safelisted response-header name'), 'fetch.spec.whatwg.org')
  t.end()
})
