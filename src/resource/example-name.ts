/** What the messages call a record of a route: `user` for `/api/users/:id`, so that their code can be copied. */
export function exampleName (url: string): string {
  const segment = url.split('/').findLast((segment) => /^[A-Za-z][\w-]*$/.test(segment)) ?? 'record'
  const word = segment.replace(/[-_]+(\w?)/g, (_separator, letter: string) => letter.toUpperCase())
  const singular = word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1')
  return singular.charAt(0).toLowerCase() + singular.slice(1)
}
