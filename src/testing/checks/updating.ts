import { isPlain } from '../../plain.js'
import { skip, type Check, type Verdict } from '../check.js'
import { contradiction, entityTag, isSameContent, isSameState, strongTag } from '../compare.js'
import { answered, header, isSuccess, jsonOf, type Exchange } from '../exchange.js'
import type { Session } from '../session.js'

const NO_UPDATE = skip('the scenario has no update')

/** What is there after a request must be what was there before. */
async function unchanged (session: Session, before: Exchange): Promise<Verdict> {
  const after = await session.get()
  return isSameState(before, after) ? undefined : 'the update was refused, and yet GET answers something else than before'
}

/** What guards an update, and keeps it from being lost. */
export const UPDATING: readonly Check[] = [
  {
    id: 'update-with-tag',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with the current entity-tag in If-Match succeeds',
    mend: 'Compare If-Match with the entity-tag that GET answers, quotes included: request.assertPreconditions(current). The tag has to be strong, "7": If-Match never matches W/"7"',
    needs: ['etag-same-on-get'],
    run: async (session) => {
      if (session.scenario.update === undefined) return NO_UPDATE
      const before = await session.get()
      const tag = entityTag(before)
      if (tag === undefined) return 'GET has no ETag to send'
      if (strongTag(before) === undefined) return `the entity-tag is ${tag}: a weak one never matches If-Match, so it can guard no update`
      const updated = await session.update({ 'if-match': tag })
      session.representation = before
      session.staleTag = tag
      return isSuccess(updated) ? undefined : answered(updated)
    }
  },
  {
    id: 'update-changes-tag',
    section: 'RFC 9110 section 8.8.1',
    expects: 'what was changed has another entity-tag than before',
    mend: 'Store a version that every write moves on, and make the entity-tag of it: set version = version + 1',
    needs: ['update-with-tag'],
    run: async (session) => {
      const { representation: before, staleTag, scenario } = session
      if (scenario.update === undefined) return NO_UPDATE
      const after = await session.get()
      if (!isSuccess(after)) return `after the update, ${answered(after)}`
      if (header(after, 'etag') !== staleTag) return undefined
      if (!isSameContent(before, after)) return `the representation has changed, and its ETag is still ${staleTag}`
      session.staleTag = undefined
      return skip('the update has changed nothing: make its payload fresh, with {{n}} or a function')
    }
  },
  {
    id: 'stale-tag-412',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with an entity-tag that is not current any more is answered 412',
    mend: 'Evaluate If-Match before the write: request.assertPreconditions(current), which throws 412',
    needs: ['update-changes-tag'],
    run: async (session) => {
      if (session.scenario.update === undefined) return NO_UPDATE
      session.representation = await session.get()
      const refused = await session.update({ 'if-match': session.staleTag ?? '"of-no-version"' })
      return refused.response.status === 412 ? undefined : answered(refused)
    }
  },
  {
    id: 'stale-tag-changes-nothing',
    section: 'RFC 9110 section 13.2.1',
    expects: 'an update that is refused changes nothing',
    mend: 'Evaluate If-Match before the write, and stop there: request.assertPreconditions(current) throws',
    needs: ['stale-tag-412'],
    run: async (session) => session.scenario.update === undefined ? NO_UPDATE : unchanged(session, session.representation)
  },
  {
    id: 'missing-precondition-428',
    section: 'RFC 6585 section 3',
    expects: 'an update without a precondition is answered 428, and changes nothing',
    mend: 'Require If-Match: config: { created: { precondition: \'required\' } } on the route, or profile: \'strict\' for all',
    needs: ['update-with-tag'],
    run: async (session) => {
      const { update, precondition } = session.scenario
      if (update === undefined) return NO_UPDATE
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
    mend: 'Compare strongly: W/"7" does not match "7". request.assertPreconditions(current) does',
    needs: ['stale-tag-412'],
    run: async (session) => {
      if (session.scenario.update === undefined) return NO_UPDATE
      const refused = await session.update({ 'if-match': `W/${header(await session.get(), 'etag')}` })
      return refused.response.status === 412 ? undefined : answered(refused)
    }
  },
  {
    id: 'tag-list-with-commas',
    section: 'RFC 9110 sections 8.8.3 and 13.1.1',
    expects: 'If-Match is a list of entity-tags, and a comma may be part of one',
    mend: 'Parse the list by its quotes, not by its commas: request.assertPreconditions(current) does',
    needs: ['stale-tag-412'],
    run: async (session) => {
      if (session.scenario.update === undefined) return NO_UPDATE
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
    mend: 'Compare and swap in the store: update … where id = $1 and version = $2. Where that touches no row, throw request.lostUpdate()',
    needs: ['stale-tag-changes-nothing'],
    run: async (session) => {
      if (session.scenario.update === undefined) return NO_UPDATE
      const tag = header(await session.get(), 'etag')!
      const answers = await session.simultaneously(() => session.update({ 'if-match': tag }))
      const winners = answers.filter(isSuccess)
      if (winners.length !== 1) return `${winners.length} of ${answers.length} succeeded`
      const other = answers.find((answer) => !isSuccess(answer) && answer.response.status !== 412)
      if (other !== undefined) return `a loser's ${answered(other)}`
      return lostWinner(winners[0], await session.get())
    }
  }
]

/** Whether what is stored is what another has written. */
export function lostWinner (winner: Exchange, read: Exchange): string | undefined {
  const said = header(winner, 'etag')
  if (said !== undefined && said !== header(read, 'etag')) return `the winner was told the ETag ${said}, and GET answers ${header(read, 'etag')}`
  const written = isPlain(jsonOf(winner)) ? winner : asAnswer(winner)
  const other = contradiction(written, read)
  return other && `what is stored is not what the winner wrote: ${other}`
}

/** What was sent, where nothing came back that could be compared. */
function asAnswer ({ request, response }: Exchange): Exchange {
  return { request, response: { ...response, headers: { 'content-type': request.headers['content-type'] ?? '' }, body: request.body } }
}
