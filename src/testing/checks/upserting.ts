import { skip, type Check } from '../check.js'
import { strongTag } from '../compare.js'
import { answered, header, isSuccess } from '../exchange.js'
import { lostWinner } from './updating.js'

const NO_UPSERT = skip('the scenario has no upsert')
const REFUSED = skip('it was refused with 409: make the payload fresh, with {{n}} or a function')

/** PUT, where the client chooses the address. */
export const UPSERTING: readonly Check[] = [
  {
    id: 'put-creates-201',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT where nothing exists is answered 201, and then the target answers GET',
    mend: 'Say which it was: reply.upserted(value, { created: before === undefined })',
    run: async (session) => {
      if (session.scenario.upsert === undefined) return NO_UPSERT
      const { path, refresh } = session.freshTarget()
      const created = await session.put(path, {}, refresh)
      if (created.response.status === 409) return REFUSED
      if (created.response.status !== 201) return answered(created)
      const location = header(created, 'location')
      if (location !== undefined && session.follow(location, created) !== path) return `Location is ${location}, and the target of the PUT was ${path}`
      const read = await session.send('GET', path)
      return isSuccess(read) ? undefined : `GET ${path} was answered ${read.response.status}`
    }
  },
  {
    id: 'put-again-200',
    section: 'RFC 9110 section 9.3.4',
    expects: 'PUT where something exists is answered 200 or 204',
    mend: 'Answer 201 only where nothing was there: reply.upserted(value, { created: before === undefined })',
    needs: ['put-creates-201'],
    run: async (session) => {
      if (session.scenario.upsert === undefined) return NO_UPSERT
      const { path, refresh } = session.freshTarget()
      if ((await session.put(path, {}, refresh)).response.status === 409) return REFUSED
      const tag = strongTag(await session.send('GET', path))
      const again = await session.put(path, tag === undefined ? {} : { 'if-match': tag })
      return [200, 204].includes(again.response.status) ? undefined : `the second ${answered(again)}`
    }
  },
  {
    id: 'if-none-match-star-creates-once',
    section: 'RFC 9110 section 13.1.2',
    expects: 'of those who PUT at the same moment with If-None-Match: * one is answered 201, and the others 412',
    mend: 'Let the store decide: insert … on conflict do nothing. Where that touches no row, throw request.lostUpdate()',
    needs: ['put-creates-201'],
    run: async (session) => {
      if (session.scenario.upsert === undefined) return NO_UPSERT
      const { path } = session.freshTarget()
      const answers = await session.simultaneously(() => session.put(path, { 'if-none-match': '*' }))
      if (answers.every(({ response }) => response.status === 409)) return REFUSED
      const winners = answers.filter(({ response }) => response.status === 201)
      if (winners.length !== 1) return `${winners.length} of ${answers.length} were answered 201`
      const other = answers.find(({ response }) => response.status !== 201 && response.status !== 412)
      if (other !== undefined) return `a loser's ${answered(other)}`
      return lostWinner(winners[0], await session.send('GET', path))
    }
  }
]
