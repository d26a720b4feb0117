/** The URL of the section that a rule is based on. */
export function specUri (spec: string): string {
  const [, rfc, section] = /RFC (\d+)(?: sections? ([\d.]+\d))?/.exec(spec) ?? []
  if (rfc !== undefined) return `https://www.rfc-editor.org/rfc/rfc${rfc}${section === undefined ? '' : `#section-${section}`}`
  if (spec.startsWith('Fetch')) return 'https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name'
  return 'https://fastify.dev/docs/latest/Reference/Plugins/'
}
