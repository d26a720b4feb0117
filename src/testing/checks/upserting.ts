import { NO_STRONG_TAG, skip, type Check } from '../check.js'
import { isSameAddress, lostWinner, strongTag } from '../compare.js'
import { answered, header, isSuccess } from '../exchange.js'

const REFUSED = skip('it was refused with 409: make the payload fresh, with {{n}} or a function')

/** PUT, where the client chooses the address. */
export const UPSERTING: readonly Check[] = [
  {
    id: 'put-creates-201',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT where nothing exists is answered 201, and then the target answers GET',
    mend: 'Store what was sent at the target of the PUT, where GET finds it, and answer 201 where nothing was there before: reply.upserted(value, { created: before === undefined })',
    part: 'upsert',
    run: async (session) => {
      const { path, refresh } = session.freshTarget()
      const created = await session.putNew(path, refresh)
      if (created.response.status === 409) return REFUSED
      if (created.response.status !== 201) return answered(created)
      const location = header(created, 'location')
      if (location !== undefined && !isSameAddress(session.follow(location, created), path)) return `Location is ${location}, and the target of the PUT was ${path}`
      const read = await session.send('GET', path)
      return isSuccess(read) ? undefined : `GET ${path} was answered ${read.response.status}`
    }
  },
  {
    id: 'put-again-200',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT where something exists is answered 200 or 204',
    mend: 'Compare If-Match with the entity-tag that GET answers, quotes included, and answer 201 only where nothing was there: reply.upserted(value, { created: before === undefined })',
    needs: ['put-creates-201'],
    part: 'upsert',
    run: async (session) => {
      const { path, refresh } = session.freshTarget()
      if ((await session.putNew(path, refresh)).response.status === 409) return REFUSED
      const tag = strongTag(await session.send('GET', path))
      const again = await session.put(path, tag === undefined ? {} : { 'if-match': tag }, refresh)
      if (again.response.status === 428 && tag === undefined) return NO_STRONG_TAG
      return [200, 204].includes(again.response.status) ? undefined : `the second ${answered(again)}`
    }
  },
  {
    id: 'if-none-match-star-creates-once',
    section: 'RFC 9110 section 13.1.2',
    expects: 'of those who PUT with If-None-Match: * at the same moment one is answered 201, and the others and all later ones 412',
    mend: 'Where something exists, answer 412: request.assertPreconditions(current) does. Of those that find nothing let the store choose one: insert … on conflict do nothing. Where that touches no row, write nothing and answer 412: throw request.lostUpdate()',
    needs: ['put-creates-201'],
    part: 'upsert',
    run: async (session) => {
      const { path, refresh } = session.freshTarget()
      const answers = await session.simultaneously(path, () => session.put(path, { 'if-none-match': '*' }, refresh))
      if (answers.every(({ response }) => response.status === 409)) return REFUSED
      const winners = answers.filter(({ response }) => response.status === 201)
      if (winners.length !== 1) return `${winners.length} of ${answers.length} were answered 201`
      const losers = answers.filter((answer) => answer !== winners[0])
      const other = losers.find(({ response }) => response.status !== 412)
      if (other !== undefined) return `one was answered 201, and another ${answered(other)}`
      const lost = lostWinner(winners[0], losers, await session.send('GET', path))
      if (lost !== undefined) return lost
      const late = await session.put(path, { 'if-none-match': '*' }, refresh)
      return late.response.status === 412 ? undefined : `where something exists, ${answered(late)}`
    }
  }
]
