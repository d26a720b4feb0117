/** One request and its response. */
export interface Exchange {
  /** What was sent. */
  request: {
    method: string
    /** A path, or an absolute URL, as it was sent. */
    url: string
    headers: Record<string, string>
    /** The text of the body. If the body is not text, its length and its digest. */
    body: string
  }
  /** What was received. */
  response: {
    status: number
    /** Names are in lower case. Several fields of one name are joined with a comma. */
    headers: Record<string, string>
    /** In the same form as the body of the request. */
    body: string
  }
}

export function responseHeader ({ response }: Exchange, name: string): string | undefined {
  return response.headers[name]
}

/** @returns `undefined` if the body is not JSON */
export function parseJson ({ headers, body }: Exchange['request'] | Exchange['response']): unknown {
  if (!/^application\/(.+\+)?json\b/i.test(headers['content-type'] ?? '')) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

export function isSuccess ({ response: { status } }: Exchange): boolean {
  return status >= 200 && status < 300
}

/** The result of an exchange in a few words, such as `POST returned 409`. */
export function describeStatus ({ request: { method }, response: { status } }: Exchange): string {
  return `${method} returned ${status}`
}
