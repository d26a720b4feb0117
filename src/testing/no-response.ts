const TIMEOUT = 30_000 // milliseconds

/** A request that got no response, because the server is not running, closed the connection or took too long. */
export class NoResponseError extends Error {
  override name = 'NoResponseError'
  /** What happened, without the advice. */
  readonly summary: string

  constructor (request: UnansweredRequest, found: string, options?: ErrorOptions) {
    const { method, path, server, fix } = request
    const failure = `${method} ${path} got no response from ${server}`
    super(`${failure}. Found: ${found}. Required: a response within ${TIMEOUT / 1000} seconds. Fix: ${fix}`, options)
    this.summary = `${failure}: ${found}`
  }
}

/** The request as a {@link NoResponseError} describes it. */
interface UnansweredRequest { method: string, path: string, server: string, fix: string }

/** @throws NoResponseError if it takes too long */
export async function withTimeout<T> (
  request: UnansweredRequest,
  send: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const onTimeout = () => controller.abort(new NoResponseError(request, `nothing within ${TIMEOUT / 1000} seconds`))
  const timer = setTimeout(onTimeout, TIMEOUT)
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  try {
    return await Promise.race([send(signal), aborted])
  } finally {
    clearTimeout(timer)
  }
}
