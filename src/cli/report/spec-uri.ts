/** Where the section that a rule comes from can be read. */
export function specUri (spec: string): string {
  const [, rfc, section] = /RFC (\d+)(?: sections? ([\d.]+\d))?/.exec(spec) ?? []
  if (rfc !== undefined) return `https://www.rfc-editor.org/rfc/rfc${rfc}${section === undefined ? '' : `#section-${section}`}`
  return spec.startsWith('Fetch') ? 'https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name' : 'https://fastify.dev/docs/latest/Reference/Plugins/'
}
