import t, { type Test } from 'tap'
import { type Scenario } from '../../src/testing/index.js'
import { referenceServer, type Style } from './server.js'
import { COMPLETE, CREATE_BY_PUT, passes, withPrefix } from './support.js'

const UPDATE_CHECKS = [
  'update-with-tag', 'update-changes-tag', 'stale-tag-412', 'stale-tag-changes-nothing', 'missing-precondition-428',
  'weak-tag-never-matches', 'tag-list-with-commas', 'one-writer-wins'
]
const UPSERT_CHECKS = ['put-creates-201', 'put-again-200', 'if-none-match-star-creates-once']
const DELETE_CHECKS = ['delete-with-stale-tag-412', 'deleted-is-gone']

const form = (name: string) => {
  const form = new FormData()
  form.set('name', name)
  return form
}
const patch = (payload: NonNullable<Scenario['update']>['payload'], headers?: Record<string, string>) => {
  return { update: { method: 'PATCH', payload, headers } } as const
}
const sameEachTime = patch({ name: 'Eve' })
const put = { update: { method: 'PUT', payload: { name: 'Eve {{n}}' } } } as const

/** The style of a server, what is different in the scenario, and the checks that are skipped. */
const STYLES: Array<[name: string, style: Style, scenario?: Partial<Scenario>, skipped?: string[]]> = [
  ['numbers as ETags', {}],
  ['hashes as ETags', { tag: 'hash' }],
  ['timestamps as ETags', { tag: 'time' }],
  ['weak ETags, and no updates', { tag: 'weak' }, { update: undefined, upsert: undefined, remove: false },
    [...UPDATE_CHECKS, ...UPSERT_CHECKS, ...DELETE_CHECKS]],
  ['weak ETags, and required preconditions', { tag: 'weak' }, { update: undefined },
    [...UPDATE_CHECKS, 'put-again-200', 'deleted-is-gone']],
  ['UUIDs as ids', { id: 'uuid' }],
  ['an absolute Location', { origin: 'http://localhost' }],
  ['a Location on its public origin', { origin: 'https://api.example.com:8443' }],
  ['a path prefix', { prefix: '/api/v1' }],
  ['no body in the 201', { created: 'nothing' }, {}, ['body-same-on-get']],
  ['only the id in the 201', { created: 'id' }],
  ['a message and the id in the 201', { created: 'message' }],
  ['Content-Location in the 201', { contentLocation: true }],
  ['204 without an ETag after updates', { updated: 'nothing' }],
  ['204 after updates, and names in lower case', { updated: 'nothing', lowerCase: true }],
  ['names in lower case', { lowerCase: true }],
  ['optional preconditions', { precondition: 'optional' }, { precondition: 'optional' }, ['missing-precondition-428']],
  ['a scenario without precondition', {}, { precondition: undefined }, ['missing-precondition-428']],
  ['a slow store', { slow: true }],
  ['minimal responses to HEAD', { minimalHead: true }],
  ['another body on each GET', { unstableGet: true, minimalHead: true }, {},
    ['body-same-on-get', 'stale-tag-changes-nothing', 'missing-precondition-428']],
  ['required If-None-Match for PUT', { requiresIfNoneMatch: true }],
  ['another list on each GET', { unstableList: true }, {}, ['invalid-creates-nothing']],
  ['no list at the URL of the scenario', {}, { list: '/people' }, ['invalid-creates-nothing']],
  ['a scenario without list', {}, { list: undefined }],
  ['a scenario without an invalid payload', {}, { invalid: undefined }, ['invalid-creates-nothing']],
  ['null as the invalid payload', {}, { invalid: null }],
  ['an array as the invalid payload', {}, { invalid: ['Ann'] }],
  ['creation by PUT', {}, CREATE_BY_PUT, ['location-present', 'location-syntax', 'post-twice-two-addresses']],
  ['merge patches', {}, patch({ name: 'Eve {{n}}' }, { 'Content-Type': 'application/merge-patch+json' })],
  ['updates by PUT', {}, put],
  ['updates by PUT, and 204 after them', { updated: 'nothing' }, put],
  ['form data', {}, { create: { url: '/users', payload: (n) => form(`Ann ${n}`) }, ...patch((n) => form(`Eve ${n}`)) }],
  ['text', { updated: 'nothing' }, { create: { url: '/users', payload: 'Ann {{n}}' }, ...patch('Eve {{n}}') }],
  ['bytes', {}, {
    create: { url: '/users', payload: Buffer.from('Ann'), headers: { 'content-type': 'text/plain' } },
    invalid: undefined
  }, ['invalid-creates-nothing']],
  ['headers of every request', {}, { headers: { 'Content-Type': 'application/json', authorization: 'Bearer x' } }],
  ['the same update each time', {}, sameEachTime],
  ['hashes as ETags, and the same update each time', { tag: 'hash' }, sameEachTime, ['one-writer-wins']],
  ['hashes as ETags, and updates that change nothing', { tag: 'hash' },
    { create: { url: '/users', payload: { name: 'Eve' } }, ...sameEachTime },
    ['update-changes-tag', 'one-writer-wins']]
]

for (const [name, style, scenario, skipped] of STYLES) {
  t.test(`a correct server passes: ${name}`, async (t: Test) => {
    const complete = { ...COMPLETE, ...scenario }
    const { prefix = '' } = style
    await t.test('via inject', async (t) => {
      const app = referenceServer(style)
      t.teardown(() => app.close())
      await passes(t, app, withPrefix(prefix, complete), skipped)
    })
    await t.test('via fetch', async (t) => {
      const app = referenceServer(style)
      t.teardown(() => app.close())
      const base = await app.listen({ host: '127.0.0.1', port: 0 })
      await passes(t, `${base}${prefix}`, complete, skipped)
    })
  })
}

t.test('a base URL is a string or a URL, with or without a slash at its end', async (t) => {
  const app = referenceServer({ prefix: '/api' })
  t.teardown(() => app.close())
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const target of [`${base}/api`, `${base}/api/`, new URL(`${base}/api/`)]) await passes(t, target, COMPLETE)
})
