import { readFileSync } from 'node:fs'

/** The line that exports an app from a file, in the module system of that file. */
export function exportLine (path: string, name = 'app'): string {
  return isCommonJs(path) ? `module.exports = ${name}` : `export default ${name}`
}

function isCommonJs (path: string): boolean {
  if (path.endsWith('.cjs')) return true
  const source = readFileSync(path, 'utf8')
  return /\brequire\(/.test(source) && !/^[^\S\n]*(import|export)\b/m.test(source)
}
