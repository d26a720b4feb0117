/**
 * The element of the page with this id, which is of this kind.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 */
export function byId (id, kind) {
  return ofKind(document.getElementById(id), kind)
}

/**
 * The first element inside of another one that the selector matches.
 * @template {Element} T
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} kind
 */
export function find (parent, selector, kind) {
  return ofKind(parent.querySelector(selector), kind)
}

/**
 * A new element. Content is text or elements and never markup, so that no data can become a script.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} attributes
 * @param {...(string | Node)} content
 */
export function create (name, attributes, ...content) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...content)
  return element
}

/**
 * @template {Element} T
 * @param {Element | null} element
 * @param {new () => T} kind
 */
function ofKind (element, kind) {
  if (element instanceof kind) return element
  throw new TypeError(`The page has no ${kind.name} where one is needed`)
}
