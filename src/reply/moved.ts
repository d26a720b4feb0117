import { publicUrl, withoutTrailingSlash } from '../http/uri-reference.js'
import { Exchange } from '../rules/exchange.js'
import { namesTarget } from '../rules/target.js'
import type { ReplyDraft } from './reply-draft.js'

/** Reports an update whose value has another URL than its target, as if a slug is made of the title. */
export function reportMoved (draft: ReplyDraft): void {
  const { request, reply, route, resource, value } = draft
  const isOff = route.reporter.isOff('resource-moved')
  if (isOff || !isPutOrPatch(request.method) || !draft.isDescribed || reply.hasHeader('content-location')) return
  const url = route.urls.of(resource!, value, request.params)
  // Another URL of the resource, such as /me, is not the one that it moves to.
  if ('rule' in url || url.canonicalRoute.url !== route.url) return
  const exchange = new Exchange(request, reply, { status: 200, location: undefined })
  const path = publicUrl(url.path, { ...route.settings.server, origin: undefined })
  if (namesTarget({ path, query: '' }, exchange, route)) return
  const target = withoutTrailingSlash(request.url.split('?')[0])
  draft.report('resource-moved', {
    found: `the value has the URL ${path}, and the request was sent to ${target}`,
    fix: `reply.header('content-location', request.urlFor(${draft.name}Resource, ${draft.name}))`
  })
}

function isPutOrPatch (method: string): boolean {
  return method === 'PUT' || method === 'PATCH'
}
