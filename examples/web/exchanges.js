import { byId, create } from './dom.js'

const MAX_EXCHANGES = 50
const list = byId('exchange-list', HTMLOListElement)

/** There was no response. The request may have arrived or not. */
export class NetworkError extends Error {
  constructor (/** @type {unknown} */ cause) {
    super('Cannot reach the server. Check your connection and try again.', { cause })
  }
}

/**
 * Calls `fetch`, and shows the request and its response on the page.
 * @param {string | URL} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: string, cache?: RequestCache }} options
 */
export async function send (url, options = {}) {
  const { method = 'GET', headers = {} } = options
  try {
    const response = await fetch(url, options)
    showExchange(method, url, response, headers)
    return response
  } catch (cause) {
    showExchange(method, url, undefined, headers)
    throw new NetworkError(cause)
  }
}

/**
 * Sends a form with a file by XMLHttpRequest, because `fetch` reports no upload progress.
 * @param {string} url
 * @param {FormData} form
 * @param {(fraction: number) => void} onProgress from 0 to 1
 * @returns {Promise<import('/client.js').ResponseLike>}
 */
export function sendForm (url, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total))
    request.addEventListener('load', () => {
      const response = toResponse(request)
      showExchange('POST', url, response)
      resolve(response)
    })
    request.addEventListener('error', (event) => {
      showExchange('POST', url)
      reject(new NetworkError(event))
    })
    request.open('POST', url)
    request.send(form)
  })
}

/** @param {XMLHttpRequest} request */
function toResponse (request) {
  const { status, statusText, responseURL: url, responseText } = request
  const headers = { get: (/** @type {string} */ name) => request.getResponseHeader(name) }
  return { status, statusText, url, headers, text: async () => responseText }
}

/**
 * @param {string} method
 * @param {string | URL} url
 * @param {Pick<Response, 'status' | 'statusText'> & { headers: Pick<Headers, 'get'> }} [response] none if none arrived
 * @param {Record<string, string>} requestHeaders
 */
function showExchange (method, url, response, requestHeaders = {}) {
  const { href, origin } = new URL(url, document.baseURI)
  const status = response ? `${response.status} ${response.statusText}`.trim() : 'no response'
  const isSuccess = response !== undefined && response.status < 400
  /** @type {Array<[name: string, value: string | null | undefined]>} */
  const headers = [
    ['If-Match', requestHeaders['If-Match']],
    ['Location', response?.headers.get('location')],
    ['ETag', response?.headers.get('etag')]
  ]
  const items = headers.flatMap(([name, value]) => {
    return value ? [create('div', {}, create('dt', {}, name), create('dd', {}, value))] : []
  })
  list.prepend(create('li', {},
    create('span', { class: 'method' }, method), ' ',
    create('span', { class: 'url' }, href.slice(origin.length)), ' ',
    create('span', { class: isSuccess ? 'status' : 'status failed' }, status),
    create('dl', {}, ...items)
  ))
  while (list.children.length > MAX_EXCHANGES) list.lastElementChild?.remove()
}
