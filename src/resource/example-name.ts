// Such as /imports and /packages.
const RESERVED_WORDS = new Set([
  'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else',
  'enum', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements', 'import', 'in', 'instanceof',
  'interface', 'let', 'new', 'null', 'package', 'private', 'protected', 'public', 'return', 'static', 'super', 'switch',
  'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield'
])

/** What the messages call a record of a route: `user` for `/api/users/:id`, so that their code can be copied. */
export function exampleName (url: string): string {
  const segment = url.split('/').findLast((segment) => /^[A-Za-z][\w-]*$/.test(segment)) ?? 'record'
  const word = segment.replace(/[-_]+(\w?)/g, (_separator, letter: string) => letter.toUpperCase())
  const singular = word.replace(/ies$/, 'y').replace(/(ss|sh|ch|x)es$/, '$1').replace(/([^su])s$/, '$1')
  const name = singular.charAt(0).toLowerCase() + singular.slice(1)
  return RESERVED_WORDS.has(name) ? 'record' : name
}
