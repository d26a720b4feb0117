import { refuseReference } from '../../location.js'
import { isPlain } from '../../plain.js'
import { show } from '../../show.js'
import { skip, type Check } from '../check.js'
import { contradiction, entityTag, isSameContent } from '../compare.js'
import { answered, header, isSuccess, jsonOf } from '../exchange.js'
import { isFixed } from '../fresh.js'
import type { Session } from '../session.js'

/** To PUT the target is the address, so that the answer need not name it (RFC 9110 section 15.3.2). */
const createsByPut = ({ scenario }: Session) => scenario.create.method === 'PUT'

/** What is sent once, and what the 201 says. */
export const CREATING: readonly Check[] = [
  {
    id: 'created-201',
    section: 'RFC 9110 section 15.3.2',
    expects: 'what creates is answered 201',
    mend: 'Answer 201 when something has been created: reply.created(value). If the request was refused, mend the payload, the url or the headers of the scenario',
    run: async (session) => {
      session.creation = await session.create()
      return session.creation.response.status === 201 ? undefined : answered(session.creation)
    }
  },
  {
    id: 'location-present',
    section: 'RFC 9110 sections 9.3.3 and 15.3.2',
    expects: 'a 201 to POST says in Location where the new resource is',
    mend: 'Send the path of what was created: reply.created(value, { location: \'/users/\' + value.id, etag: value.version }), or by hand reply.code(201).header(\'location\', \'/users/\' + value.id)',
    needs: ['created-201'],
    run: async (session) => {
      if (header(session.creation, 'location')) return undefined
      return createsByPut(session) ? skip('to PUT the target is the address') : 'there is no Location'
    }
  },
  {
    id: 'location-syntax',
    section: 'RFC 9110 section 10.2.2 and RFC 3986',
    expects: 'Location is one path or http address that every client resolves alike',
    mend: 'Send a path that begins with one "/", or an absolute URL, with each segment encoded by encodeURIComponent(): /users/42, neither 42 nor users/42',
    needs: ['location-present'],
    run: async (session) => {
      const { creation } = session
      const location = header(creation, 'location')
      const refusal = location === undefined ? undefined : refuseReference(location)
      if (refusal !== undefined) return refusal
      session.address = session.follow(location ?? creation.request.url, creation)!
      return location === undefined ? skip('there is none, and the target is the address') : undefined
    }
  },
  {
    id: 'location-answers-get',
    section: 'RFC 9110 section 15.3.2',
    expects: 'the address of what was created answers GET',
    mend: 'Declare a GET route for it, and let it find what was just stored: app.get(\'/users/:id\', …). Name its address in Location, with its id and every prefix, and send the 201 after the write is done',
    needs: ['location-syntax'],
    run: async (session) => {
      session.representation = await session.get()
      return isSuccess(session.representation) ? undefined : `GET ${session.address} was answered ${session.representation.response.status}`
    }
  },
  {
    id: 'etag-present',
    section: 'RFC 9110 sections 8.8.3 and 15.3.2',
    expects: 'a 201 carries the entity-tag of what was created',
    mend: 'Send its version in ETag, in double quotes: reply.created(value, { location, etag: value.version }), or by hand reply.header(\'etag\', \'"\' + value.version + \'"\')',
    needs: ['location-answers-get'],
    run: async ({ creation, representation, scenario }) => {
      const value = header(creation, 'etag')
      if (value !== undefined) return entityTag(creation) === undefined ? `ETag is ${show(value)}, which is no entity-tag: its quotes are part of it` : undefined
      if (scenario.create.method !== 'PUT') return 'there is no ETag'
      // RFC 9110 section 9.3.4: it may only say what the client has sent byte for byte.
      return entityTag(representation) === undefined ? 'neither the 201 nor GET has an ETag' : skip('an answer to PUT may leave it to GET')
    }
  },
  {
    id: 'etag-same-on-get',
    section: 'RFC 9110 section 8.8',
    expects: 'GET answers with the entity-tag of the 201',
    mend: 'Make both of the same stored version, not of the bytes of each answer: reply.ok(value, { etag: value.version }). A plugin that hashes answers must not set it before',
    needs: ['etag-present', 'location-answers-get'],
    run: async ({ creation, representation }) => {
      const [said, read] = [header(creation, 'etag'), header(representation, 'etag')]
      if (said === undefined) return skip('the 201 has none')
      return said === read ? undefined : `ETag is ${said} in the 201, and ${read ?? 'missing'} in the answer to GET`
    }
  },
  {
    id: 'body-same-on-get',
    section: 'RFC 9110 sections 8.7 and 15.3.2',
    expects: 'what the 201 says of the new resource is what GET answers',
    mend: 'Answer 201 with what was stored, not with what was sent, and in the form that GET gives it: insert … returning *',
    needs: ['location-answers-get'],
    run: async (session) => {
      const { creation, representation, address } = session
      if (creation.response.body === '') return skip('the body of the 201 is empty')
      const contentLocation = header(creation, 'content-location')
      if (contentLocation !== undefined && session.follow(contentLocation, creation) === address) {
        return isSameContent(creation, representation) ? undefined : 'Content-Location says that the body is what GET answers, and it is not'
      }
      const [said, read] = [jsonOf(creation), jsonOf(representation)]
      if (!isPlain(said) || !isPlain(read) || !Object.keys(said).some((name) => name in read)) return skip('the body of the 201 is another document than what GET answers')
      const extra = Object.keys(said).find((name) => !(name in read))
      return contradiction(creation, representation) ?? (extra && `the 201 has ${show(extra)}, and GET has it not`)
    }
  },
  {
    id: 'head-like-get',
    section: 'RFC 9110 section 9.3.2',
    expects: 'HEAD answers like GET, without content',
    mend: 'Let HEAD run the code of GET: Fastify declares it with exposeHeadRoutes. It must set the same ETag, and a Content-Length only where it is that of GET',
    needs: ['location-answers-get'],
    run: async (session) => {
      const { representation, address } = session
      const head = await session.send('HEAD', address)
      if (head.response.status !== representation.response.status) return `HEAD was answered ${head.response.status}, and GET ${representation.response.status}`
      for (const name of ['etag', 'content-length']) {
        const [said, read] = [header(head, name), header(representation, name)]
        // A header that is only known when the content is made may be left out.
        if (said !== undefined && read !== undefined && said !== read) return `${name} is ${said} in the answer to HEAD, and ${read} in that to GET`
      }
      return undefined
    }
  },
  {
    id: 'post-twice-two-addresses',
    section: 'RFC 9110 section 9.3.3',
    expects: 'a second POST creates a second resource, at an address of its own',
    mend: 'Build Location from the id of what this request has created',
    needs: ['location-answers-get'],
    run: async (session) => {
      if (createsByPut(session)) return skip('PUT is repeatable')
      const again = await session.create()
      const { status } = again.response
      if (status === 409) return skip(`the second was refused with 409${isFixed(session.scenario.create.payload) ? ': the payload is the same each time, so make it fresh, with {{n}} or a function' : ''}`)
      if (status !== 201) return `the second ${answered(again)}`
      const location = header(again, 'location')
      if (location === undefined) return 'the second 201 has no Location'
      return session.follow(location, again) === session.address ? `both answers name ${session.address}` : undefined
    }
  },
  {
    id: 'not-modified-304',
    section: 'RFC 9110 section 13.1.2',
    expects: 'GET with If-None-Match and the current entity-tag is answered 304',
    mend: 'Evaluate the preconditions of the request before answering: reply.ok(value, { etag: value.version }) does',
    needs: ['etag-same-on-get'],
    run: async (session) => {
      const tag = header(session.representation, 'etag')
      if (tag === undefined) return skip('GET has no ETag')
      const again = await session.get({ 'if-none-match': tag })
      return again.response.status === 304 ? undefined : answered(again)
    }
  },
  {
    id: 'not-modified-headers',
    section: 'RFC 9110 section 15.4.5',
    expects: 'a 304 has the ETag, Vary, Cache-Control and Content-Location of the 200, and no content',
    mend: 'Set these headers before the 304 is sent, too. reply.ok() keeps those that are set before it',
    needs: ['not-modified-304'],
    run: async (session) => {
      const tag = header(session.representation, 'etag')
      if (tag === undefined) return skip('GET has no ETag')
      const notModified = await session.get({ 'if-none-match': tag })
      if (notModified.response.body !== '') return 'it has content'
      const name = ['etag', 'vary', 'cache-control', 'content-location'].find((name) => header(notModified, name) !== header(session.representation, name))
      return name && `${name} is ${header(notModified, name) ?? 'missing'}, and ${header(session.representation, name) ?? 'missing'} in the 200`
    }
  },
  {
    id: 'invalid-creates-nothing',
    section: 'RFC 9110 sections 15.3.2 and 15.5',
    expects: 'what cannot be created is answered 4xx, and nothing is stored',
    mend: 'Check the request before the write, and answer a refusal with a status of its own: where an error handler answers, reply.code(error.statusCode ?? 500)',
    needs: ['created-201'],
    run: async (session) => {
      const { invalid, list } = session.scenario
      if (invalid === undefined) return skip('the scenario has no invalid payload')
      const read = async () => list === undefined ? undefined : session.send('GET', session.below(list))
      const [earlier, before] = [await read(), await read()]
      const refused = await session.create(invalid)
      if (refused.response.status < 400 || refused.response.status > 499) return answered(refused)
      if (header(refused, 'location') !== undefined) return `the ${refused.response.status} has a Location`
      const after = await read()
      if (before === undefined) return undefined
      if (!isSuccess(before)) return skip(`the list ${list} was answered ${before.response.status}, so it cannot tell what is stored`)
      if (!isSameContent(earlier!, before)) return skip(`the list ${list} changes by itself, so it cannot tell what is stored`)
      return isSameContent(before, after!) ? undefined : `the list ${list} is another than before`
    }
  }
]
