import { isUnwritable } from '../http/header-fields.js'
import { publicUrl } from '../http/uri-reference.js'
import type { Resource } from '../resource/resource.js'
import { createdCall } from '../rules/created.js'
import { REGISTER_FIRST } from '../rules/setup.js'
import { formatKeys, formatValue } from '../util/format-value.js'
import { ignoreRejection } from '../util/promise.js'
import { tagOf } from '../util/tag.js'
import type { ReplyDraft } from './reply-draft.js'

/**
 * The Location of a 201: that of `init`, else the URL of the resource.
 * @returns `undefined` if it is wrong, and that is not enforced
 */
export function createdLocation (draft: ReplyDraft): string | undefined {
  const { init, resource } = draft
  const { location } = init
  if (isGiven(location)) return givenLocation(draft, 201, location)
  if (resource !== undefined) return resourceLocation(draft, 201, resource)
  // The name of an option may be misspelt.
  const others = Object.keys(init).length === 0 ? '' : ` (only ${formatKeys(init)})`
  const argument = location === undefined ? `no location${others}` : `the location ${formatValue(location)}`
  draft.report('created-location', {
    found: `created() got ${argument}, and ${whyNoResource(draft)}`,
    fix: locationFix(draft),
    always: 'error'
  })
  return undefined
}

function locationFix (draft: ReplyDraft): string {
  // What PUT creates is at its target.
  if (draft.request.method === 'PUT') return `return reply.upserted(${draft.name}, { created: true })`
  return isConfigKnown(draft) ? createdCall(draft.route) : REGISTER_FIRST
}

function whyNoResource (draft: ReplyDraft): string {
  return isConfigKnown(draft)
    ? 'the route has no resource'
    : 'the config of the route is ignored, because it was declared before the plugin had loaded'
}

function isConfigKnown ({ route, request }: ReplyDraft): boolean {
  return route.isDeclaredAfterPlugin || request.is404
}

/** The Location of another status: the one that is given, else the URL of the resource. */
export function otherLocation (draft: ReplyDraft, status: number, given: unknown): string | undefined {
  if (isGiven(given)) return givenLocation(draft, status, given)
  if (draft.resource !== undefined) return resourceLocation(draft, status, draft.resource)
  const { helper, name, value } = draft
  const isSeeOther = helper === 'seeOther'
  const argument = isSeeOther ? formatValue(value) : `the location ${formatValue(given)}`
  const path = `\`/path/\${${name}.id}\``
  const call = isSeeOther ? `reply.seeOther(${path})` : `reply.${helper}(${name}, { location: ${path} })`
  draft.report('helper-argument', {
    found: `${helper}() got ${argument}, and ${whyNoResource(draft)}`,
    fix: isConfigKnown(draft) ? call : REGISTER_FIRST
  })
  return undefined
}

function isGiven (location: unknown): boolean {
  return location !== undefined && location !== null
}

export function isUrl (value: unknown): value is URL {
  return tagOf(value) === 'URL'
}

function givenLocation (draft: ReplyDraft, status: number, given: unknown): string | undefined {
  const { server } = draft.route.settings
  const reference = isUrl(given) ? given.href : ignoreRejection(given)
  const location = typeof reference === 'string' ? publicUrl(reference, server) : reference
  draft.check('location', { status, location: location as string, isLocationOfHelper: true })
  return typeof location === 'string' && !isUnwritable(location) ? location : undefined
}

function resourceLocation (draft: ReplyDraft, status: number, resource: Resource<unknown>): string | undefined {
  const { request, route, value } = draft
  const url = route.urls.of(resource, value, request.params)
  if ('rule' in url) {
    const { rule, found, fix, isFromRequest } = url
    draft.report(rule, { found, fix, ...isFromRequest === true ? { atMost: 'warn' } : { always: 'error' } })
    return undefined
  }
  const location = publicUrl(url.path, route.settings.server)
  draft.check('location', { status, location, isLocationOfHelper: true, resourceUrl: url })
  return location
}
