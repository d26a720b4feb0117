import { NO_STRONG_ETAG, type Check } from '../check.js'
import { strongEtag } from '../compare.js'
import { describeStatus, isSuccess } from '../exchange.js'

export const DELETE_CHECKS: readonly Check[] = [
  {
    id: 'delete-with-stale-tag-412',
    section: 'RFC 9110 section 13.1.1',
    expects: 'DELETE with an outdated ETag in If-Match gets a 412 and deletes nothing',
    fix: 'If there is no DELETE route, declare it, or leave out remove. Otherwise compare If-Match with the current ' +
      'ETag before you delete: request.assertPreconditions(current)',
    needs: ['etag-same-on-get'],
    part: 'remove',
    run: async (context) => {
      const rejected = await context.send('DELETE', context.path, { headers: { 'if-match': context.staleEtag } })
      if (rejected.response.status !== 412) return describeStatus(rejected)
      const read = await context.get()
      return isSuccess(read) ? undefined : `after the DELETE, ${describeStatus(read)}`
    }
  },
  {
    id: 'deleted-is-gone',
    section: 'RFC 9110 section 9.3.5',
    expects: 'DELETE with the current ETag succeeds, and then GET returns 404 or 410',
    fix: 'Compare If-Match with the ETag that GET returns, quotes included, and delete the record before you ' +
      'respond. GET has to return 404 if there is no record: return reply.ok(await users.find(id))',
    needs: ['location-answers-get', 'delete-with-stale-tag-412'],
    part: 'remove',
    run: async (context) => {
      const etag = strongEtag(await context.get())
      const headers = etag === undefined ? undefined : { 'if-match': etag }
      const deleted = await context.send('DELETE', context.path, { headers })
      if (deleted.response.status === 428 && etag === undefined) return NO_STRONG_ETAG
      if (!isSuccess(deleted)) return describeStatus(deleted)
      const read = await context.get()
      return [404, 410].includes(read.response.status) ? undefined : `after the DELETE, ${describeStatus(read)}`
    }
  }
]
