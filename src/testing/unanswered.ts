/** A request that got no answer: the server is away, broke off, or hangs. */
export class Unanswered extends Error {
  override name = 'Unanswered'
}

const PATIENCE = 30_000 // milliseconds

/** What never answers must not hold up the check for ever. */
export async function inTime<T> (request: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const patience = new AbortController()
  const { signal } = patience
  const timer = setTimeout(() => patience.abort(new Unanswered(`${request}: nothing came within ${PATIENCE / 1000} seconds`)), PATIENCE)
  const tooLate = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  return Promise.race([ask(signal), tooLate]).finally(() => clearTimeout(timer))
}
