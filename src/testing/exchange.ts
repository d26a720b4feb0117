/** One request and its response. */
export interface Exchange {
  /** What was sent. */
  request: {
    method: string
    /** As it was sent: a path, or a whole URL. */
    url: string
    headers: Record<string, string>
    /** As text; of what is none, its length and its digest. */
    body: string
  }
  /** What came back. */
  response: {
    status: number
    /** The names in lower case; several lines of one name are joined with a comma. */
    headers: Record<string, string>
    /** As that of the request. */
    body: string
  }
}

export function header ({ response }: Exchange, name: string): string | undefined {
  return response.headers[name]
}

/** @returns `undefined` for a body that is no JSON */
export function jsonOf ({ headers, body }: Exchange['request'] | Exchange['response']): unknown {
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

/** What was answered, in a word. */
export function answered ({ request: { method }, response: { status } }: Exchange): string {
  return `${method} was answered ${status}`
}
