import { isConstant, newAttempt } from '../attempt.js'
import { MAKE_UNIQUE, skip, type Check } from '../check.js'
import { isSameBody, isSamePath } from '../compare.js'
import { describeStatus, isSuccess, responseHeader } from '../exchange.js'

export const POST_TWICE: Check = {
  id: 'post-twice-two-addresses',
  section: 'RFC 9110 section 9.3.3',
  expects: 'a second POST creates a second resource with a URL of its own',
  fix: 'If the server rejected the second POST, use another payload in the scenario. ' +
    'Otherwise give each record an id of its own, and build Location from the record of this request: ' +
    'return reply.created(await users.insert({ ...request.body, id: randomUUID() }))',
  needs: ['location-answers-get'],
  run: async (context) => {
    if (context.createsWithPut) return skip('a second PUT to the same URL creates nothing')
    const second = await context.create()
    const { status } = second.response
    if (status === 409) {
      const isSamePayload = isConstant(context.scenario.create.payload)
      return skip(`the second POST returned 409${isSamePayload ? `: the payload is the same, so ${MAKE_UNIQUE}` : ''}`)
    }
    if (status !== 201) return `the second ${describeStatus(second)}`
    const location = responseHeader(second, 'location')
    if (location === undefined) return 'the second 201 has no Location'
    const isSame = isSamePath(context.resolveLocation(location, second), context.path)
    return isSame ? `both 201s name ${context.path}` : undefined
  }
}

export const INVALID_CREATES_NOTHING: Check = {
  id: 'invalid-creates-nothing',
  section: 'RFC 9110 sections 15.3.2 and 15.5',
  expects: 'an invalid request gets a 4xx, and nothing is stored',
  fix: 'Validate the request before the first write, for example with schema: { body: NewUser }, and send a 400. ' +
    'In an error handler keep the status of the error: reply.code(error.statusCode ?? 500)',
  needs: ['created-201'],
  part: 'invalid',
  run: async (context) => {
    const { invalid, list } = context.scenario
    const path = list === undefined ? undefined : context.pathOf(newAttempt()(list))
    const readList = async () => path === undefined ? undefined : context.send('GET', path)
    const [first, before] = [await readList(), await readList()]
    const rejected = await context.create(invalid)
    const { status } = rejected.response
    if (status < 400 || status > 499) return describeStatus(rejected)
    if (responseHeader(rejected, 'location') !== undefined) return `the ${status} has a Location`
    const after = await readList()
    if (before === undefined) return undefined
    const unknown = 'so it does not show what is stored'
    if (!isSuccess(before)) return skip(`GET ${path} returned ${before.response.status}, ${unknown}`)
    if (!isSameBody(first!, before)) return skip(`GET ${path} returns something else each time, ${unknown}`)
    return isSameBody(before, after!) ? undefined : `${describeStatus(rejected)}, but GET ${path} has changed`
  }
}
