import { byId, create } from './dom.js'

const LIMIT = 50
const list = byId('exchange-list', HTMLOListElement)

/** No answer came. Whether the request arrived, nobody here knows. */
export class Unreachable extends Error {
  constructor (/** @type {unknown} */ cause) {
    super('The server cannot be reached. Check the connection, then try again.', { cause })
  }
}

/**
 * `fetch`, with the exchange shown on the page.
 * @param {string | URL} address
 * @param {{ method?: string, headers?: Record<string, string>, body?: string, cache?: RequestCache }} options
 */
export async function send (address, options = {}) {
  const { method = 'GET', headers = {} } = options
  try {
    const response = await fetch(address, options)
    show(method, address, response, headers)
    return response
  } catch (cause) {
    show(method, address, undefined, headers)
    throw new Unreachable(cause)
  }
}

/**
 * The same for a form with a file. `fetch` cannot tell how much of it is sent.
 * @param {string} address
 * @param {FormData} form
 * @param {(share: number) => void} onProgress from 0 to 1
 * @returns {Promise<import('/client.js').Answer>}
 */
export function sendForm (address, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total))
    request.addEventListener('load', () => {
      const answer = toAnswer(request)
      show('POST', address, answer)
      resolve(answer)
    })
    request.addEventListener('error', (event) => {
      show('POST', address)
      reject(new Unreachable(event))
    })
    request.open('POST', address)
    request.send(form)
  })
}

/** @param {XMLHttpRequest} request */
function toAnswer (request) {
  const { status, statusText, responseURL: url, responseText } = request
  const headers = { get: (/** @type {string} */ name) => request.getResponseHeader(name) }
  return { status, statusText, url, headers, text: async () => responseText }
}

/**
 * @param {string} method
 * @param {string | URL} address
 * @param {Pick<Response, 'status' | 'statusText'> & { headers: Pick<Headers, 'get'> }} [answer] none where none came
 * @param {Record<string, string>} headers of the request
 */
function show (method, address, answer, headers = {}) {
  const { href, origin } = new URL(address, document.baseURI)
  const status = answer ? `${answer.status} ${answer.statusText}`.trim() : 'no answer'
  /** @type {Array<[name: string, value: string | null | undefined]>} */
  const facts = [
    ['If-Match', headers['If-Match']],
    ['Location', answer?.headers.get('location')],
    ['ETag', answer?.headers.get('etag')]
  ]
  list.prepend(create('li', {},
    create('span', { class: 'method' }, method), ' ',
    create('span', { class: 'url' }, href.slice(origin.length)), ' ',
    create('span', { class: answer && answer.status < 400 ? 'status' : 'status refused' }, status),
    create('dl', {}, ...facts.flatMap(([name, value]) => value ? [create('div', {}, create('dt', {}, name), create('dd', {}, value))] : []))
  ))
  while (list.children.length > LIMIT) list.lastElementChild?.remove()
}
