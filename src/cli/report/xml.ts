/** Characters that XML 1.0 does not allow (section 2.2). */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g
const ENTITIES: Record<string, string> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;'
}

/** @param children elements, or text from {@link text} */
export function element (
  name: string, attributes: Record<string, string | number | undefined>, children: readonly string[] = []
): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
  const tag = [name, ...given.map(([key, value]) => `${key}="${escape(String(value), /[&<>"\n\r\t]/g)}"`)].join(' ')
  return children.length === 0 ? `<${tag}/>` : `<${tag}>${children.join('')}</${name}>`
}

export function text (value: string): string {
  return escape(value, /[&<>\r]/g)
}

function escape (value: string, special: RegExp): string {
  return value.toWellFormed().replace(FORBIDDEN, '\uFFFD').replace(special, (character) => ENTITIES[character])
}
