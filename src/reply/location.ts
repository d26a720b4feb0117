import { isUnwritable } from '../http/header-fields.js'
import { publicUrl, referenceProblem } from '../http/uri-reference.js'
import type { Resource } from '../resource/resource.js'
import { sendWithCreated } from '../rules/created.js'
import { formatValue } from '../util/format-value.js'
import { ignoreRejection } from '../util/promise.js'
import type { ReplyDraft } from './reply-draft.js'

/**
 * The Location of a 201: that of `init`, else the URL of the resource.
 * @returns `undefined` if it is wrong, and that is not enforced
 */
export function createdLocation (draft: ReplyDraft): string | undefined {
  const { init: { location }, resource } = draft
  if (isGiven(location)) return givenLocation(draft, 201, location)
  if (resource !== undefined) return resourceLocation(draft, 201, resource)
  draft.check(['method'], { status: 201, location: undefined })
  const found = location === undefined
    ? `created() got no location, and ${whyNoResource(draft)}`
    : `created() got the location ${formatValue(location)}, and ${whyNoResource(draft)}`
  draft.report('created-location', { found, fix: draft.route.isKnown || draft.request.is404 ? sendWithCreated(draft.route) : REGISTER_FIRST, always: 'error' })
  return undefined
}

const REGISTER_FIRST = 'await app.register(fastifyCreated), before the first route'

function whyNoResource ({ route, request }: ReplyDraft): string {
  return route.isKnown || request.is404
    ? 'the route has no resource'
    : 'the config of the route is ignored, because it was declared before the plugin had loaded'
}

/** The Location of another status: the one that is given, else the URL of the resource. */
export function announcedLocation (draft: ReplyDraft, status: number, given: unknown): string | undefined {
  if (isGiven(given)) return givenLocation(draft, status, given)
  if (draft.resource !== undefined) return resourceLocation(draft, status, draft.resource)
  const { helper, name, route } = draft
  const argument = helper === 'seeOther' ? formatValue(draft.value) : `the location ${formatValue(given)}`
  const found = `${helper}() got ${argument}${route.isKnown ? ', and the route has no resource' : `, and ${whyNoResource(draft)}`}`
  const fix = helper === 'seeOther' ? `reply.seeOther(\`/path/\${${name}.id}\`)` : `reply.${helper}(${name}, { location: \`/path/\${${name}.id}\` })`
  draft.report('helper-argument', { found, fix: route.isKnown ? fix : REGISTER_FIRST })
  return undefined
}

function isGiven (location: unknown): boolean {
  return location !== undefined && location !== null
}

function givenLocation (draft: ReplyDraft, status: number, given: unknown): string | undefined {
  const { server } = draft.route.settings
  const reference = given instanceof URL ? given.href : ignoreRejection(given)
  const location = referenceProblem(reference) === undefined ? publicUrl(reference as string, server) : reference
  draft.check(['method', 'location'], { status, location: location as string })
  return typeof location === 'string' && !isUnwritable(location) ? location : undefined
}

function resourceLocation (draft: ReplyDraft, status: number, resource: Resource<unknown>): string | undefined {
  const { request, route, value } = draft
  const url = route.urls.of(resource, value, request.params)
  if ('rule' in url) {
    draft.check(['method'], { status, location: undefined })
    const { rule, found, fix, isFromRequest } = url
    draft.report(rule, { found, fix, ...isFromRequest === true ? { atMost: 'warn' } : { always: 'error' } })
    return undefined
  }
  const location = publicUrl(url.path, route.settings.server)
  draft.check(['method', 'location'], { status, location, resourceUrl: url })
  return location
}
