import { withoutTrailingSlash } from '../http/uri-reference.js'
import type { EntityTag } from '../http/entity-tag.js'
import { formatValue } from '../util/format-value.js'
import { newAttempt, type ResolveValue } from './attempt.js'
import type { Exchange } from './exchange.js'
import type { Caller, Payload, PerAttempt, Scenario } from './scenario.js'
import { connect, type SendRequest, type Target } from './target.js'

type Headers = Record<string, string>

/** Sends the requests of a scenario, and keeps what later checks need to know from earlier ones. */
export class CheckContext {
  readonly scenario: Scenario
  /** The first request that created a resource, and its 201. */
  creation!: Exchange
  /** The path of that resource, with its query. */
  path!: string
  /** The first GET of that resource. */
  firstRead!: Exchange
  /** The GET before the latest update. */
  readBeforeUpdate!: Exchange
  /** The first update, with the current ETag. */
  firstUpdate!: Exchange
  /** An ETag that is not current: once the resource has been updated, the one from before the update. */
  staleEtag: EntityTag = '"outdated"'
  readonly #base: URL
  readonly #sendRequest: SendRequest
  #exchanges: Exchange[] = []

  constructor (target: Target, scenario: Scenario, caller: Caller) {
    this.scenario = scenario
    const { sendRequest, base } = connect(target, caller)
    this.#sendRequest = sendRequest
    this.#base = base
  }

  get createsWithPut (): boolean {
    return this.scenario.create.method === 'PUT'
  }

  /** @returns the exchanges since the last call */
  takeExchanges (): Exchange[] {
    return this.#exchanges.splice(0)
  }

  /** The path for a URL of the scenario, below the base URL. */
  pathOf (url: string): string {
    if (typeof url !== 'string') {
      throw new TypeError(`A url of the scenario is not a path. Found: ${formatValue(url)}. ` +
        "Required: a path, or a function that returns one. Fix: url: '/users'")
    }
    return `${withoutTrailingSlash(this.#base.pathname)}/${url.replace(/^\//, '')}`
  }

  /**
   * The path that a Location or Content-Location names. Its origin is ignored, because a server may know itself by
   * another origin than the target.
   * @returns `undefined` if it is not a URL
   */
  resolveLocation (location: string, { request }: Exchange): string | undefined {
    const { href: base } = new URL(request.url, this.#base)
    if (!URL.canParse(location, base)) return undefined
    const { pathname, search } = new URL(location, base)
    return pathname + search
  }

  async send (method: string, path: string, options: { headers?: Headers, payload?: unknown } = {}): Promise<Exchange> {
    const headers = { ...this.scenario.headers, ...options.headers }
    const exchange = await this.#sendRequest({ method, path, headers, payload: options.payload })
    this.#exchanges.push(exchange)
    return exchange
  }

  /** @param payload sent instead of that of the scenario */
  create (payload: PerAttempt<Payload> = this.scenario.create.payload): Promise<Exchange> {
    const { method = 'POST', url, headers } = this.scenario.create
    const resolve = newAttempt()
    return this.send(method, this.pathOf(resolve(url)), { headers, payload: resolve(payload) })
  }

  get (headers?: Headers): Promise<Exchange> {
    return this.send('GET', this.path, { headers })
  }

  update (precondition: Headers): Promise<Exchange> {
    const { method, payload, headers } = this.scenario.update!
    return this.send(method, this.path, { headers: { ...headers, ...precondition }, payload: newAttempt()(payload) })
  }

  /** A path for PUT at which nothing exists. */
  newUpsertPath (): { path: string, resolve: ResolveValue } {
    const resolve = newAttempt()
    return { path: this.pathOf(resolve(this.scenario.upsert!.url)), resolve }
  }

  /** Creates with PUT. Some servers require If-None-Match for that, and respond with 428 (RFC 6585 section 3). */
  async putNew (path: string, resolve: ResolveValue): Promise<Exchange> {
    const exchange = await this.put(path, {}, resolve)
    return exchange.response.status === 428 ? this.put(path, { 'if-none-match': '*' }, resolve) : exchange
  }

  /** @param resolve from the attempt that the path comes from, because the payload may repeat the id in the path */
  put (path: string, precondition: Headers, resolve: ResolveValue): Promise<Exchange> {
    const { payload, headers } = this.scenario.upsert!
    return this.send('PUT', path, { headers: { ...headers, ...precondition }, payload: resolve(payload) })
  }

  /** Sends as many requests at the same time as the scenario has writers. */
  async sendConcurrently (path: string, write: () => Promise<Exchange>): Promise<Exchange[]> {
    const times = (send: () => Promise<Exchange>) => Array.from({ length: this.scenario.writers ?? 20 }, send)
    // Opens the connections first. Otherwise the writes would wait for them, one after the other.
    await Promise.all(times(() => this.send('GET', path)))
    return Promise.all(times(write))
  }
}
