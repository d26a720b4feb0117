import { isPlainObject, type PlainObject } from '../../util/plain-object.js'
import { skip, type Check } from '../check.js'
import { isSameBody, isSamePath, leakProblem, mismatchProblem } from '../compare.js'
import { describeStatus, parseJson, responseHeader } from '../exchange.js'

function haveCommonName (a: PlainObject, b: PlainObject): boolean {
  return Object.keys(a).some((name) => name in b)
}

/** What GET and HEAD return for a new resource. */
export const READ_CHECKS: readonly Check[] = [
  {
    id: 'etag-same-on-get',
    section: 'RFC 9110 section 8.8',
    expects: 'GET returns the ETag of the 201',
    fix: 'Build both ETags from the stored version, not from the bytes of a response. ' +
      'Exclude these routes from plugins that hash responses, such as @fastify/etag. ' +
      'In the GET route: return reply.ok(user, { etag: user.version })',
    needs: ['etag-present', 'location-answers-get'],
    run: async ({ creation, firstRead }) => {
      const [created, read] = [responseHeader(creation, 'etag'), responseHeader(firstRead, 'etag')]
      if (created === undefined) return skip('the 201 has no ETag')
      if (created === read) return undefined
      return `ETag is ${created} in the 201, but ${read ?? 'missing'} in the response to GET`
    }
  },
  {
    id: 'body-same-on-get',
    section: 'RFC 9110 sections 8.7 and 15.3.2',
    expects: 'the body of a 201 says the same about the new resource as GET does',
    fix: 'Return the stored record, not the request body, and in the same form as GET (insert … returning *): ' +
      'return reply.created(await users.insert(request.body))',
    needs: ['location-answers-get'],
    run: async (context) => {
      const { creation, firstRead, path } = context
      if (creation.response.body === '') return skip('the 201 has no body')
      const contentLocation = responseHeader(creation, 'content-location')
      if (contentLocation !== undefined && isSamePath(context.resolveLocation(contentLocation, creation), path)) {
        const isSame = isSameBody(creation, firstRead)
        return isSame ? undefined : 'Content-Location says that the body is what GET returns, but it is not'
      }
      const [created, read] = [parseJson(creation.response), parseJson(firstRead.response)]
      // The body of a 201 may also be a message, or a description of what was done.
      const isOther = !isPlainObject(created) || !isPlainObject(read) || !haveCommonName(created, read)
      if (isOther) return skip('the body of the 201 is not the resource that GET returns')
      const problem = mismatchProblem(created, read) ?? leakProblem(created, read, parseJson(creation.request))
      if (problem === undefined) return undefined
      return isSameBody(firstRead, await context.get()) ? problem : skip('GET returns something else each time')
    }
  },
  {
    id: 'head-like-get',
    section: 'RFC 9110 section 9.3.2',
    expects: 'HEAD returns the status and headers of GET, without a body',
    fix: 'Run the code of GET for HEAD. Its ETag has to be the same, and its Content-Length too, if it has one. ' +
      'Fastify adds such HEAD routes by default: Fastify({ exposeHeadRoutes: true })',
    needs: ['location-answers-get'],
    run: async (context) => {
      const { firstRead, path } = context
      const head = await context.send('HEAD', path)
      if (head.response.status !== firstRead.response.status) {
        return `HEAD returned ${head.response.status}, but GET returned ${firstRead.response.status}`
      }
      for (const name of ['etag', 'content-length']) {
        const [onHead, onGet] = [responseHeader(head, name), responseHeader(firstRead, name)]
        // HEAD may leave out a header whose value is only known once the body has been generated.
        if (onHead !== undefined && onGet !== undefined && onHead !== onGet) {
          return `${name} is ${onHead} in the response to HEAD, but ${onGet} in the response to GET`
        }
      }
      return undefined
    }
  }
]

/** GET with If-None-Match. */
export const NOT_MODIFIED_CHECKS: readonly Check[] = [
  {
    id: 'not-modified-304',
    section: 'RFC 9110 section 13.1.2',
    expects: 'GET with the current ETag in If-None-Match returns 304',
    fix: 'Compare If-None-Match with the current ETag, quotes included: return reply.ok(user, { etag: user.version })',
    needs: ['etag-same-on-get'],
    run: async (context) => {
      const read = await context.get({ 'if-none-match': responseHeader(context.firstRead, 'etag')! })
      return read.response.status === 304 ? undefined : describeStatus(read)
    }
  },
  {
    id: 'not-modified-headers',
    section: 'RFC 9110 section 15.4.5',
    expects: 'a 304 has the ETag, Vary, Cache-Control and Content-Location of the 200',
    fix: 'Set these headers before it is decided whether the response is a 200 or a 304. reply.ok() keeps them, and ' +
      "adds the ETag: return reply.header('vary', 'accept').ok(user, { etag: user.version })",
    needs: ['not-modified-304'],
    run: async (context) => {
      const { firstRead } = context
      const notModified = await context.get({ 'if-none-match': responseHeader(firstRead, 'etag')! })
      const name = ['etag', 'vary', 'cache-control', 'content-location'].find((name) => {
        const value = responseHeader(firstRead, name)
        return value !== undefined && responseHeader(notModified, name) !== value
      })
      if (name === undefined) return undefined
      const value = responseHeader(notModified, name) ?? 'missing'
      return `${name} is ${value} in the 304, but ${responseHeader(firstRead, name)} in the 200`
    }
  }
]
