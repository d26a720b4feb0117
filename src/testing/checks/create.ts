import { referenceProblem } from '../../http/uri-reference.js'
import { formatValue } from '../../util/format-value.js'
import { skip, type Check } from '../check.js'
import { isSamePath, validEtag } from '../compare.js'
import { describeStatus, isSuccess, responseHeader } from '../exchange.js'

/** The 201 and the resource that it names. */
export const CREATE_CHECKS: readonly Check[] = [
  {
    id: 'created-201',
    section: 'RFC 9110 section 15.3.2',
    expects: 'a request that creates a resource gets a 201',
    fix: 'If the server rejected the request, correct the payload, the url or the headers of create in the scenario. ' +
      'If it created something, send 201: return reply.created(user), or reply.code(201).send(user)',
    run: async (context) => {
      context.creation = await context.create()
      const { status } = context.creation.response
      if (status === 201) return undefined
      const found = describeStatus(context.creation)
      const advice = 'make the payload or the url unique with {{n}} or {{uuid}}'
      return status === 409 ? `${found}: an earlier run may have created the same, so ${advice}` : found
    }
  },
  {
    id: 'location-present',
    section: 'RFC 9110 sections 9.3.3 and 15.3.2',
    expects: 'a 201 to POST has a Location that names the new resource',
    fix: 'Send the path of the new resource: ' +
      "return reply.created(user, { location: '/users/' + user.id, etag: user.version }), " +
      "or reply.code(201).header('location', '/users/' + user.id)",
    needs: ['created-201'],
    run: async (context) => {
      const location = responseHeader(context.creation, 'location')
      if (location !== undefined) return location === '' ? 'Location is empty' : undefined
      return context.createsWithPut ? skip('a 201 to PUT needs no Location') : 'the 201 has no Location'
    }
  },
  {
    id: 'location-syntax',
    section: 'RFC 9110 section 10.2.2 and RFC 3986',
    expects: 'Location is one path or one http(s) URL, which all clients resolve to the same URL',
    fix: 'Send one Location. Start the path with one "/", and encode each segment: ' +
      "reply.header('location', '/users/' + encodeURIComponent(user.id))",
    needs: ['location-present'],
    run: async (context) => {
      const { creation } = context
      const location = responseHeader(creation, 'location')
      context.path = context.resolveLocation(location ?? creation.request.url, creation)!
      if (location === undefined) return skip('the 201 to PUT has no Location')
      if (location.includes(', ')) return `Location is ${formatValue(location)}, which looks like several headers`
      const problem = referenceProblem(location)
      return problem && `Location is ${problem.found}`
    }
  },
  {
    id: 'location-answers-get',
    section: 'RFC 9110 section 15.3.2',
    expects: 'a new resource has a URL of its own, and GET on it returns a 2xx',
    fix: 'Put the id and every prefix of the URL into Location, and store the record before you send the 201. ' +
      'For PUT, Location must be the URL of the request, or be left out. ' +
      'If a proxy strips a prefix, use the URL of the proxy as the target of the checks. ' +
      "The new URL needs a GET route that finds the record: app.get('/users/:id', …)",
    needs: ['location-syntax'],
    run: async (context) => {
      const { creation, path } = context
      const isRequestUrl = isSamePath(path, context.resolveLocation(creation.request.url, creation)!)
      if (isRequestUrl !== context.createsWithPut) {
        return `Location is ${path}, which is ${isRequestUrl ? '' : 'not '}the URL of the request`
      }
      context.firstRead = await context.get()
      return isSuccess(context.firstRead) ? undefined : `GET ${path} returned ${context.firstRead.response.status}`
    }
  },
  {
    id: 'etag-present',
    section: 'RFC 9110 sections 8.8.3 and 15.3.2',
    expects: 'a 201 has the ETag of the new resource',
    fix: 'Send the version in ETag, in double quotes: ' +
      'return reply.created(user, { location, etag: user.version }), or ' +
      "reply.header('etag', '\"' + user.version + '\"')",
    needs: ['created-201'],
    run: async (context) => {
      const { creation, firstRead } = context
      const etag = responseHeader(creation, 'etag')
      if (etag !== undefined) {
        const isValid = validEtag(creation) !== undefined
        return isValid ? undefined : `ETag is ${etag}, which is not an entity-tag: the double quotes are part of it`
      }
      if (!context.createsWithPut) return 'the 201 has no ETag'
      // RFC 9110 section 9.3.4: a server that does not store the content byte for byte must not send it.
      const isMissing = firstRead !== undefined && validEtag(firstRead) === undefined
      return isMissing ? 'neither the 201 nor the response to GET has an ETag' : skip('a 201 to PUT needs no ETag')
    }
  }
]
