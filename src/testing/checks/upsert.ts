import { MAKE_UNIQUE, NO_STRONG_ETAG, skip, type Check } from '../check.js'
import { isSamePath, lostUpdateProblem, strongEtag } from '../compare.js'
import { describeStatus, isSuccess, responseHeader } from '../exchange.js'

const CONFLICT = skip(`PUT returned 409: ${MAKE_UNIQUE}`)

/** PUT to a URL that the client chooses. */
export const UPSERT_CHECKS: readonly Check[] = [
  {
    id: 'put-creates-201',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT to a URL where nothing exists gets a 201, and then GET on it returns a 2xx',
    fix: 'If there is no such PUT route, declare it, or leave out upsert. Otherwise store the record for the URL of ' +
      'the request, and send 201 if there was none before: ' +
      'return reply.upserted(user, { created: current === undefined })',
    part: 'upsert',
    run: async (context) => {
      const { path, resolve } = context.newUpsertPath()
      const created = await context.putNew(path, resolve)
      if (created.response.status === 409) return CONFLICT
      if (created.response.status !== 201) return describeStatus(created)
      const location = responseHeader(created, 'location')
      if (location !== undefined && !isSamePath(context.resolveLocation(location, created), path)) {
        return `Location is ${location}, but the URL of the PUT was ${path}`
      }
      const read = await context.send('GET', path)
      return isSuccess(read) ? undefined : `GET ${path} returned ${read.response.status}`
    }
  },
  {
    id: 'put-again-200',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT to a URL where something exists gets a 200 or 204',
    fix: 'Compare If-Match with the ETag that GET returns, quotes included, and send 201 only if there was no record ' +
      'before: return reply.upserted(user, { created: current === undefined })',
    needs: ['put-creates-201'],
    part: 'upsert',
    run: async (context) => {
      const { path, resolve } = context.newUpsertPath()
      if ((await context.putNew(path, resolve)).response.status === 409) return CONFLICT
      const etag = strongEtag(await context.send('GET', path))
      const second = await context.put(path, etag === undefined ? {} : { 'if-match': etag }, resolve)
      if (second.response.status === 428 && etag === undefined) return NO_STRONG_ETAG
      return [200, 204].includes(second.response.status) ? undefined : `the second ${describeStatus(second)}`
    }
  },
  {
    id: 'if-none-match-star-creates-once',
    section: 'RFC 9110 section 13.1.2',
    expects: 'of several simultaneous PUTs with If-None-Match: * one gets a 201, and the others and later ones a 412',
    fix: 'If the record exists, send 412: request.assertPreconditions(current). If it does not, let the database ' +
      'decide which request creates it: insert … on conflict do nothing. In the others, throw request.lostUpdate()',
    needs: ['put-creates-201'],
    part: 'upsert',
    run: async (context) => {
      const { path, resolve } = context.newUpsertPath()
      const put = () => context.put(path, { 'if-none-match': '*' }, resolve)
      const puts = await context.sendConcurrently(path, put)
      if (puts.every(({ response }) => response.status === 409)) return CONFLICT
      const winners = puts.filter(({ response }) => response.status === 201)
      if (winners.length !== 1) return `${winners.length} of ${puts.length} requests got a 201`
      const losers = puts.filter((put) => put !== winners[0])
      const other = losers.find(({ response }) => response.status !== 412)
      if (other !== undefined) return `one request got a 201, but another ${describeStatus(other)}`
      const problem = lostUpdateProblem(winners[0], losers, await context.send('GET', path))
      if (problem !== undefined) return problem
      const late = await put()
      return late.response.status === 412 ? undefined : `a later ${describeStatus(late)}`
    }
  }
]
