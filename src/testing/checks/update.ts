import { formatValue } from '../../util/format-value.js'
import { isConstant } from '../attempt.js'
import type { CheckContext } from '../check-context.js'
import { MAKE_UNIQUE, skip, type Check, type Verdict } from '../check.js'
import { isSameBody, isSameState, lostUpdateProblem, strongEtag, unsavedProperty } from '../compare.js'
import { describeStatus, isSuccess, responseHeader, type Exchange } from '../exchange.js'

async function unchangedVerdict (context: CheckContext, before: Exchange): Promise<Verdict> {
  const after = await context.get()
  if (isSameState(before, after)) return undefined
  const isSameEtag = responseHeader(before, 'etag') === responseHeader(after, 'etag')
  if (isSameEtag && !isSameBody(after, await context.get())) return skip('GET returns something else each time')
  return 'the update was rejected, but GET returns something else than before'
}

/** Conditional updates. */
export const UPDATE_CHECKS: readonly Check[] = [
  {
    id: 'update-with-tag',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with the current ETag in If-Match succeeds',
    fix: 'If there is no such route, correct update.method, or declare the route. If the server rejected the update ' +
      'for another reason, correct the payload or the headers of update. Otherwise send a strong ETag, "7" and not ' +
      'W/"7", and compare If-Match with it, quotes included: request.assertPreconditions(current)',
    needs: ['etag-same-on-get'],
    part: 'update',
    run: async (context) => {
      context.readBeforeUpdate = await context.get()
      const etag = strongEtag(context.readBeforeUpdate)
      if (etag === undefined) {
        return `ETag is ${responseHeader(context.readBeforeUpdate, 'etag')}, which is weak and never matches If-Match`
      }
      context.firstUpdate = await context.update({ 'if-match': etag })
      return isSuccess(context.firstUpdate) ? undefined : describeStatus(context.firstUpdate)
    }
  },
  {
    id: 'update-changes-tag',
    section: 'RFC 9110 sections 8.8.1 and 9.3.4',
    expects: 'a successful update is stored, a change gives the resource a new ETag, and the response has that ETag ' +
      'or none',
    fix: 'Store the change and a new version before you respond: update users set name = $1, version = version + 1 ' +
      'where id = $2 returning *. Build the ETag from the stored record: reply.ok(saved, { etag: saved.version })',
    needs: ['update-with-tag'],
    part: 'update',
    run: async (context) => {
      const { readBeforeUpdate: before, firstUpdate, scenario } = context
      const { method, payload } = scenario.update!
      const after = await context.get()
      if (!isSuccess(after)) return `after the update, ${describeStatus(after)}`
      const etagOf = (exchange: Exchange) => responseHeader(exchange, 'etag')
      const [oldEtag, sentEtag, newEtag] = [etagOf(before), etagOf(firstUpdate), etagOf(after)]
      if (newEtag === undefined) return 'after the update, GET returns no ETag'
      if (sentEtag !== undefined && sentEtag !== newEtag) {
        return `ETag is ${sentEtag} in the response to ${method}, but ${newEtag} in the response to GET`
      }
      if (newEtag !== oldEtag) {
        context.staleEtag = strongEtag(before)!
        const name = isSameBody(before, after) ? unsavedProperty(firstUpdate, after) : undefined
        return name && `the update succeeded and the ETag is new, but GET still returns the old ${formatValue(name)}`
      }
      if (!isSameBody(before, after)) return `the resource has changed, but its ETag is still ${oldEtag}`
      if (isConstant(payload)) return skip(`the update changed nothing: ${MAKE_UNIQUE}`)
      return 'the update succeeded, but GET returns the same as before'
    }
  },
  {
    id: 'stale-tag-412',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with an outdated ETag in If-Match gets a 412',
    fix: 'Compare If-Match with the current ETag before you write: request.assertPreconditions(current)',
    needs: ['update-changes-tag'],
    part: 'update',
    run: async (context) => {
      context.readBeforeUpdate = await context.get()
      const rejected = await context.update({ 'if-match': context.staleEtag })
      return rejected.response.status === 412 ? undefined : describeStatus(rejected)
    }
  },
  {
    id: 'stale-tag-changes-nothing',
    section: 'RFC 9110 section 13.2.1',
    expects: 'an update that gets a 412 changes nothing',
    fix: 'Check If-Match before the first write, and stop if it does not match. This throws: ' +
      'request.assertPreconditions(current)',
    needs: ['stale-tag-412'],
    part: 'update',
    run: async (context) => unchangedVerdict(context, context.readBeforeUpdate)
  },
  {
    id: 'missing-precondition-428',
    section: 'RFC 6585 section 3',
    expects: 'an update without a precondition gets a 428 and changes nothing',
    fix: "If updates without If-Match are allowed, set precondition: 'optional' in the scenario. Otherwise declare " +
      "the route with config: { created: { precondition: 'required' } }, and call request.assertPreconditions(current)",
    needs: ['update-with-tag'],
    part: 'update',
    run: async (context) => {
      const { precondition } = context.scenario
      if (precondition === undefined) return skip("the scenario has no precondition: add 'required' or 'optional'")
      if (precondition === 'optional') return skip("the scenario has precondition: 'optional'")
      const before = await context.get()
      const rejected = await context.update({})
      return rejected.response.status === 428 ? unchangedVerdict(context, before) : describeStatus(rejected)
    }
  },
  {
    id: 'weak-tag-never-matches',
    section: 'RFC 9110 section 13.1.1',
    expects: 'an update with a weak ETag in If-Match gets a 412',
    fix: 'Compare the whole ETag, with W/ and the quotes. W/"7" does not match "7": ' +
      'request.assertPreconditions(current)',
    needs: ['stale-tag-412'],
    part: 'update',
    run: async (context) => {
      const rejected = await context.update({ 'if-match': `W/${responseHeader(await context.get(), 'etag')}` })
      return rejected.response.status === 412 ? undefined : describeStatus(rejected)
    }
  },
  {
    id: 'tag-list-with-commas',
    section: 'RFC 9110 sections 8.8.3 and 13.1.1',
    expects: 'If-Match is read as a list of ETags, each of which may contain a comma',
    fix: 'Read one quoted ETag after the other, instead of splitting the list at commas. The precondition is true if ' +
      'one of them is the current ETag: request.assertPreconditions(current)',
    needs: ['stale-tag-changes-nothing'],
    part: 'update',
    run: async (context) => {
      const etag = responseHeader(await context.get(), 'etag')!
      const oneTag = `"a,${etag.slice(1, -1)},b"`
      const rejected = await context.update({ 'if-match': oneTag })
      if (rejected.response.status !== 412) {
        return `If-Match: ${oneTag} is one ETag and not the current one, but ${describeStatus(rejected)}`
      }
      const list = `"a", ${etag}, "b"`
      const accepted = await context.update({ 'if-match': list })
      return isSuccess(accepted) ? undefined : `If-Match: ${list} has the current ETag, but ${describeStatus(accepted)}`
    }
  },
  {
    id: 'one-writer-wins',
    section: 'RFC 9110 section 13.1.1',
    expects: 'of several simultaneous updates with the same ETag one succeeds, and the others get a 412',
    fix: 'Compare the version in the write itself: update users set … where id = $1 and version = $2. ' +
      'If that changes no row, send 412: throw request.lostUpdate()',
    needs: ['stale-tag-changes-nothing'],
    part: 'update',
    run: async (context) => {
      const { payload } = context.scenario.update!
      const etag = responseHeader(await context.get(), 'etag')!
      const updates = await context.sendConcurrently(context.path, () => context.update({ 'if-match': etag }))
      const winners = updates.filter(isSuccess)
      const losers = updates.filter((update) => !isSuccess(update))
      // All updates that write the same value may succeed, because none of them is lost.
      if (winners.length > 1 && isConstant(payload)) return skip(`several updates wrote the same: ${MAKE_UNIQUE}`)
      if (winners.length !== 1) return `${winners.length} of ${updates.length} updates succeeded`
      const other = losers.find(({ response }) => response.status !== 412)
      if (other !== undefined) return `one update succeeded, but another ${describeStatus(other)}`
      return lostUpdateProblem(winners[0], losers, await context.get())
    }
  }
]
