import { NO_STRONG_TAG, type Check } from '../check.js'
import { strongTag } from '../compare.js'
import { answered, isSuccess } from '../exchange.js'

/** How it ends. */
export const DELETING: readonly Check[] = [
  {
    id: 'delete-with-stale-tag-412',
    section: 'RFC 9110 section 13.1.1',
    expects: 'DELETE with an entity-tag that is not current is answered 412, and removes nothing',
    mend: 'Compare If-Match with the current entity-tag before anything is removed, and answer 412 where it has another: request.assertPreconditions(current) does',
    needs: ['etag-same-on-get'],
    part: 'remove',
    run: async (session) => {
      const refused = await session.send('DELETE', session.address, { headers: { 'if-match': session.staleTag ?? '"of-no-version"' } })
      if (refused.response.status !== 412) return answered(refused)
      const read = await session.get()
      return isSuccess(read) ? undefined : `after it, ${answered(read)}`
    }
  },
  {
    id: 'deleted-is-gone',
    section: 'RFC 9110 section 9.3.5',
    expects: 'DELETE with the current entity-tag succeeds, and then GET answers 404 or 410',
    mend: 'Compare If-Match with the entity-tag that GET answers, quotes included. Remove before the answer, and let GET answer 404 for what is not stored any more: reply.ok(undefined) does, on a route with a resource',
    needs: ['location-answers-get', 'delete-with-stale-tag-412'],
    part: 'remove',
    run: async (session) => {
      const tag = strongTag(await session.get())
      const removed = await session.send('DELETE', session.address, { headers: tag === undefined ? {} : { 'if-match': tag } })
      if (removed.response.status === 428 && tag === undefined) return NO_STRONG_TAG
      if (!isSuccess(removed)) return answered(removed)
      const read = await session.get()
      return [404, 410].includes(read.response.status) ? undefined : `after it, ${answered(read)}`
    }
  }
]
