import { show } from '../../util/format-value.js'
import { skip, type Check, type Verdict } from '../check.js'
import { dropped, isSameContent, isSameState, lostWinner, strongTag } from '../compare.js'
import { answered, header, isSuccess, type Exchange } from '../exchange.js'
import { isFixed } from '../fresh.js'
import type { Session } from '../session.js'

const NOT_FRESH = 'make its payload fresh, with {{n}} or a function'

/** What is there after a request must be what was there before. */
async function unchanged (session: Session, before: Exchange): Promise<Verdict> {
  const after = await session.get()
  if (isSameState(before, after)) return undefined
  if (header(before, 'etag') === header(after, 'etag') && !isSameContent(after, await session.get())) return skip('GET answers something else each time, so it cannot tell')
  return 'the update was refused, and yet GET answers something else than before'
}

/** What guards an update, and keeps it from being lost. */
export const UPDATING: readonly Check[] = [
  {
    id: 'update-with-tag',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with the current entity-tag in If-Match succeeds',
    mend: 'Compare If-Match with the entity-tag that GET answers, quotes included: request.assertPreconditions(current) does. Let GET answer a strong one, "7" rather than W/"7". Where the update was refused for another reason, mend the payload or the headers of the scenario',
    needs: ['etag-same-on-get'],
    part: 'update',
    run: async (session) => {
      session.before = await session.get()
      const tag = strongTag(session.before)
      if (tag === undefined) return `the ETag is ${header(session.before, 'etag')}: a weak one never matches If-Match, so it can guard no update`
      session.updated = await session.update({ 'if-match': tag })
      return isSuccess(session.updated) ? undefined : answered(session.updated)
    }
  },
  {
    id: 'update-changes-tag',
    section: 'RFC 9110 sections 8.8.1 and 9.3.4',
    expects: 'an update that succeeds is stored, what was changed has another entity-tag than before, and the answer has that one or none',
    mend: 'Store what was sent before the answer, and with it a version that every write moves on: set name = $3, version = version + 1. Make the entity-tag of the version that was stored: update … returning *',
    needs: ['update-with-tag'],
    part: 'update',
    run: async (session) => {
      const { before, updated, scenario } = session
      const update = scenario.update!
      const after = await session.get()
      if (!isSuccess(after)) return `after the update, ${answered(after)}`
      const [earlier, said, read] = [before, updated, after].map((exchange) => header(exchange, 'etag'))
      if (read === undefined) return 'after the update, GET has no ETag'
      if (said !== undefined && said !== read) return `the ETag is ${said} in the answer to ${update.method}, and ${read} in that to GET`
      if (read !== earlier) {
        session.staleTag = strongTag(before)
        const name = isSameContent(before, after) ? dropped(updated, after) : undefined
        return name && `the update succeeded, and the ETag is another, but ${show(name)} is still what it was before`
      }
      if (!isSameContent(before, after)) return `the representation has changed, and its ETag is still ${earlier}`
      if (isFixed(update.payload)) return skip(`the update has changed nothing: ${NOT_FRESH}`)
      return 'the update succeeded, and GET answers what it answered before'
    }
  },
  {
    id: 'stale-tag-412',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with an entity-tag that is not current any more is answered 412',
    mend: 'Compare If-Match with the current entity-tag before the write, and answer 412 where it has another: request.assertPreconditions(current) does',
    needs: ['update-changes-tag'],
    part: 'update',
    run: async (session) => {
      session.before = await session.get()
      const refused = await session.update({ 'if-match': session.staleTag ?? '"of-no-version"' })
      return refused.response.status === 412 ? undefined : answered(refused)
    }
  },
  {
    id: 'stale-tag-changes-nothing',
    section: 'RFC 9110 section 13.2.1',
    expects: 'an update that is refused changes nothing',
    mend: 'Compare If-Match before the first write, and end there where it is false: request.assertPreconditions(current) throws',
    needs: ['stale-tag-412'],
    part: 'update',
    run: async (session) => unchanged(session, session.before)
  },
  {
    id: 'missing-precondition-428',
    section: 'RFC 6585 section 3',
    expects: 'an update without a precondition is answered 428, and changes nothing',
    mend: 'Answer 428 to what has no If-Match, before the write: request.assertPreconditions(current) does, on a route with config: { created: { precondition: \'required\' } }. Where If-Match may be left out, say precondition: \'optional\' in the scenario',
    needs: ['update-with-tag'],
    part: 'update',
    run: async (session) => {
      const { precondition } = session.scenario
      if (precondition !== 'required') return skip(precondition === undefined ? 'the scenario does not say whether a precondition is required' : 'the scenario says that it is optional')
      const before = await session.get()
      const refused = await session.update({})
      return refused.response.status === 428 ? unchanged(session, before) : answered(refused)
    }
  },
  {
    id: 'weak-tag-never-matches',
    section: 'RFC 9110 section 13.1.1',
    expects: 'a weak entity-tag in If-Match is answered 412',
    mend: 'Compare the whole entity-tag, W/ and quotes included: W/"7" does not match "7". request.assertPreconditions(current) does so',
    needs: ['stale-tag-412'],
    part: 'update',
    run: async (session) => {
      const refused = await session.update({ 'if-match': `W/${header(await session.get(), 'etag')}` })
      return refused.response.status === 412 ? undefined : answered(refused)
    }
  },
  {
    id: 'tag-list-with-commas',
    section: 'RFC 9110 sections 8.8.3 and 13.1.1',
    expects: 'If-Match is a list of entity-tags, and a comma may be part of one',
    mend: 'Read the list quote by quote rather than split it at commas, and go on where one of its entity-tags is the current one: request.assertPreconditions(current) does',
    needs: ['stale-tag-changes-nothing'],
    part: 'update',
    run: async (session) => {
      const tag = header(await session.get(), 'etag')!
      const oneTag = `"a,${tag.slice(1, -1)},b"`
      const refused = await session.update({ 'if-match': oneTag })
      if (refused.response.status !== 412) return `If-Match: ${oneTag} is one entity-tag, which is not the current one, and ${answered(refused)}`
      const list = `"a", ${tag}, "b"`
      const accepted = await session.update({ 'if-match': list })
      return isSuccess(accepted) ? undefined : `If-Match: ${list} has the current entity-tag among others, and ${answered(accepted)}`
    }
  },
  {
    id: 'one-writer-wins',
    section: 'RFC 9110 section 13.1.1',
    expects: 'of those who write at the same moment with the same entity-tag one succeeds, and the others are answered 412',
    mend: 'Compare and swap in the store: update … where id = $1 and version = $2. Where that touches no row, write nothing and answer 412: throw request.lostUpdate()',
    needs: ['stale-tag-changes-nothing'],
    part: 'update',
    run: async (session) => {
      const update = session.scenario.update!
      const tag = header(await session.get(), 'etag')!
      const answers = await session.simultaneously(session.address, () => session.update({ 'if-match': tag }))
      const [winners, losers] = [answers.filter(isSuccess), answers.filter((answer) => !isSuccess(answer))]
      // Of those that change nothing any number may succeed.
      if (winners.length > 1 && isFixed(update.payload)) return skip(`several wrote the same: ${NOT_FRESH}`)
      if (winners.length !== 1) return `${winners.length} of ${answers.length} succeeded`
      const other = losers.find(({ response }) => response.status !== 412)
      if (other !== undefined) return `one succeeded, and another ${answered(other)}`
      return lostWinner(winners[0], losers, await session.get())
    }
  }
]
