/**
 * The element with this id.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 */
export function byId (id, type) {
  return assertType(document.getElementById(id), type)
}

/**
 * The first element inside `parent` that matches the selector.
 * @template {Element} T
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} type
 */
export function find (parent, selector, type) {
  return assertType(parent.querySelector(selector), type)
}

/**
 * Creates an element. The content is text or nodes, never markup, so data cannot inject scripts.
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
 * @param {new () => T} type
 */
function assertType (element, type) {
  if (element instanceof type) return element
  throw new TypeError(`Expected a ${type.name}, but got ${element}`)
}
