import type { AddressTemplate } from './address-template.js'
import type { RoutePart } from './openapi.js'
import type { GuardedRoute } from './route.js'
import { parametersOf } from './url-pattern.js'

/** What the documentation of a route says; `undefined` where it is exempt. */
export function partOf (route: GuardedRoute): RoutePart | undefined {
  const { declaration: { methods, resource }, addresses, isHome, isExempt } = route
  if (isExempt) return undefined
  const template = resource === undefined ? undefined : addresses.template(resource)
  return {
    methods,
    isHome,
    carriesValidator: methods.some((method) => route.mayCarryValidators(method)),
    link: template === undefined || 'refusal' in template ? undefined : linkTo(template)
  }
}

/** An OpenAPI link: how a client that has the answer calls the home. */
function linkTo (template: AddressTemplate): RoutePart['link'] {
  const { pattern, operationId } = template.home
  if (operationId === undefined) return undefined
  const expressions = parametersOf(pattern).map((name) => [name, expressionFor(template, name)] as const)
  if (expressions.some(([, expression]) => expression === undefined)) return undefined
  return { operationId, parameters: Object.fromEntries(expressions) as Record<string, string> }
}

function expressionFor ({ home: { resource }, inherited }: AddressTemplate, name: string): string | undefined {
  if (inherited.has(name)) return `$request.path.${name}`
  const filler = resource.params[name] ?? name
  // RFC 6901 section 3
  return typeof filler === 'string' ? `$response.body#/${filler.replaceAll('~', '~0').replaceAll('/', '~1')}` : undefined
}
