import { refuseReference } from '../../http/uri-reference.js'
import { isPlain } from '../../util/plain-object.js'
import { show } from '../../util/format-value.js'
import { skip, type Check } from '../check.js'
import { contradiction, entityTag, isSameAddress, isSameContent, leak } from '../compare.js'
import { answered, header, isSuccess, jsonOf } from '../exchange.js'
import { isFixed, newAttempt } from '../fresh.js'
import type { Session } from '../session.js'

/** To PUT the target is the address, so that the answer need not name it (RFC 9110 section 15.3.2). */
const createsByPut = ({ scenario }: Session) => scenario.create.method === 'PUT'

/** What is sent once, and what the 201 says. */
export const CREATING: readonly Check[] = [
  {
    id: 'created-201',
    section: 'RFC 9110 section 15.3.2',
    expects: 'what creates is answered 201',
    mend: 'Where something was created, answer 201: reply.created(value), or by hand reply.code(201). Where the request was refused, mend the payload, the url or the headers of the scenario',
    run: async (session) => {
      session.creation = await session.create()
      const { status } = session.creation.response
      if (status === 201) return undefined
      return `${answered(session.creation)}${status === 409 ? ': what an earlier run has created may still be there, so make what is sent fresh, with {{n}} or {{uuid}}' : ''}`
    }
  },
  {
    id: 'location-present',
    section: 'RFC 9110 sections 9.3.3 and 15.3.2',
    expects: 'a 201 to POST says in Location where the new resource is',
    mend: 'Send the path of what was created: reply.created(value, { location: \'/users/\' + value.id, etag: value.version }), or by hand reply.code(201).header(\'location\', \'/users/\' + value.id)',
    needs: ['created-201'],
    run: async (session) => {
      const location = header(session.creation, 'location')
      if (location !== undefined) return location === '' ? 'Location is empty' : undefined
      return createsByPut(session) ? skip('to PUT the target is the address') : 'there is no Location'
    }
  },
  {
    id: 'location-syntax',
    section: 'RFC 9110 section 10.2.2 and RFC 3986',
    expects: 'Location is one path or http address that every client resolves alike',
    mend: 'Send one Location, a path that begins with one "/", or an absolute URL, with each segment encoded by encodeURIComponent(): /users/42, neither 42 nor users/42',
    needs: ['location-present'],
    run: async (session) => {
      const { creation } = session
      const location = header(creation, 'location')
      session.address = session.follow(location ?? creation.request.url, creation)!
      if (location === undefined) return skip('there is none, and the target is the address')
      if (location.includes(', ')) return `Location is ${show(location)}: several Location lines read like this`
      const refusal = refuseReference(location)
      return refusal && `Location ${refusal}`
    }
  },
  {
    id: 'location-answers-get',
    section: 'RFC 9110 section 15.3.2',
    expects: 'what was created has an address of its own, which answers GET',
    mend: 'Name its address in Location, with its id and every prefix; to PUT, name the target, or leave Location out. Declare a GET route for that, app.get(\'/users/:id\', …), and let it find what was just stored. Send the 201 after the write is done. Where a proxy strips a prefix from the path, give the base URL of the proxy as the target of this check',
    needs: ['location-syntax'],
    run: async (session) => {
      const { creation, address } = session
      const isTarget = isSameAddress(address, session.follow(creation.request.url, creation)!)
      if (isTarget !== createsByPut(session)) return `Location is ${address}, which is ${isTarget ? '' : 'not '}what the request was sent to`
      session.representation = await session.get()
      return isSuccess(session.representation) ? undefined : `GET ${address} was answered ${session.representation.response.status}`
    }
  },
  {
    id: 'etag-present',
    section: 'RFC 9110 sections 8.8.3 and 15.3.2',
    expects: 'a 201 carries the entity-tag of what was created',
    mend: 'Send its version in ETag, in double quotes: reply.created(value, { location, etag: value.version }), or by hand reply.header(\'etag\', \'"\' + value.version + \'"\')',
    needs: ['created-201'],
    run: async ({ creation, representation, scenario }) => {
      const value = header(creation, 'etag')
      if (value !== undefined) return entityTag(creation) === undefined ? `ETag is ${value}, which is no entity-tag: double quotes are part of it` : undefined
      if (scenario.create.method !== 'PUT') return 'there is no ETag'
      // RFC 9110 section 9.3.4: it may only say what the client has sent byte for byte.
      return representation !== undefined && entityTag(representation) === undefined ? 'neither the 201 nor GET has an entity-tag' : skip('an answer to PUT may leave it to GET')
    }
  },
  {
    id: 'etag-same-on-get',
    section: 'RFC 9110 section 8.8',
    expects: 'GET answers with the entity-tag of the 201',
    mend: 'Make both of the same stored version, not of the bytes of each answer: reply.ok(value, { etag: value.version }). Keep plugins that hash answers, such as @fastify/etag, away from these routes',
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
      if (contentLocation !== undefined && isSameAddress(session.follow(contentLocation, creation), address)) {
        return isSameContent(creation, representation) ? undefined : 'Content-Location says that the body is what GET answers, and it is not'
      }
      const [said, read] = [jsonOf(creation.response), jsonOf(representation.response)]
      // It may also be a message, or something else of its own.
      const isOther = !isPlain(said) || !isPlain(read) || !Object.keys(said).some((name) => name in read)
      if (isOther) return skip('the body of the 201 is another document than what GET answers')
      const wrong = contradiction(said, read) ?? leak(said, read, jsonOf(creation.request))
      if (wrong === undefined) return undefined
      return isSameContent(representation, await session.get()) ? wrong : skip('GET answers something else each time, so it cannot tell')
    }
  },
  {
    id: 'head-like-get',
    section: 'RFC 9110 section 9.3.2',
    expects: 'HEAD answers like GET, without content',
    mend: 'Let HEAD run the code of GET, as Fastify does by itself where exposeHeadRoutes is not false. The ETag has to be the same, and Content-Length that of GET, or left out',
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
    mend: 'Give each its own id, such as randomUUID(), and build Location from the id of what this request has created. A POST that is refused for another reason needs another payload in the scenario',
    needs: ['location-answers-get'],
    run: async (session) => {
      if (createsByPut(session)) return skip('PUT is repeatable')
      const again = await session.create()
      const { status } = again.response
      if (status === 409) return skip(`the second was refused with 409${isFixed(session.scenario.create.payload) ? ': the payload is the same each time, so make it fresh, with {{n}} or a function' : ''}`)
      if (status !== 201) return `the second ${answered(again)}`
      const location = header(again, 'location')
      if (location === undefined) return 'the second 201 has no Location'
      return isSameAddress(session.follow(location, again), session.address) ? `both answers name ${session.address}` : undefined
    }
  },
  {
    id: 'not-modified-304',
    section: 'RFC 9110 section 13.1.2',
    expects: 'GET with If-None-Match and the current entity-tag is answered 304',
    mend: 'Answer 304 where If-None-Match has the current entity-tag, quotes included: reply.ok(value, { etag: value.version }) does',
    needs: ['etag-same-on-get'],
    run: async (session) => {
      const again = await session.get({ 'if-none-match': header(session.representation, 'etag')! })
      return again.response.status === 304 ? undefined : answered(again)
    }
  },
  {
    id: 'not-modified-headers',
    section: 'RFC 9110 section 15.4.5',
    expects: 'a 304 has the ETag, Vary, Cache-Control and Content-Location of the 200',
    mend: 'Set these headers before it is known whether the answer is 200 or 304. reply.ok() keeps those that are set before it, and adds the ETag',
    needs: ['not-modified-304'],
    run: async (session) => {
      const { representation } = session
      const notModified = await session.get({ 'if-none-match': header(representation, 'etag')! })
      const name = ['etag', 'vary', 'cache-control', 'content-location'].find((name) => {
        const value = header(representation, name)
        return value !== undefined && header(notModified, name) !== value
      })
      return name && `${name} is ${header(notModified, name) ?? 'missing'} in the 304, and ${header(representation, name)} in the 200`
    }
  },
  {
    id: 'invalid-creates-nothing',
    section: 'RFC 9110 sections 15.3.2 and 15.5',
    expects: 'what cannot be created is answered 4xx, and nothing is stored',
    mend: 'Check the request before the first write, as by schema: { body }, and answer 400, or what else says why. In an error handler keep the status: reply.code(error.statusCode ?? 500)',
    needs: ['created-201'],
    part: 'invalid',
    run: async (session) => {
      const { invalid, list } = session.scenario
      const path = list === undefined ? undefined : session.below(newAttempt()(list))
      const read = async () => path === undefined ? undefined : session.send('GET', path)
      const [earlier, before] = [await read(), await read()]
      const refused = await session.create(invalid)
      if (refused.response.status < 400 || refused.response.status > 499) return answered(refused)
      if (header(refused, 'location') !== undefined) return `the ${refused.response.status} has a Location`
      const after = await read()
      if (before === undefined) return undefined
      if (!isSuccess(before)) return skip(`the list ${path} was answered ${before.response.status}, so it cannot tell what is stored`)
      if (!isSameContent(earlier!, before)) return skip(`the list ${path} changes by itself, so it cannot tell what is stored`)
      return isSameContent(before, after!) ? undefined : `${answered(refused)}, and yet the list ${path} is another than before`
    }
  }
]
