import type { EntityTag } from '../http/entity-tag.js'
import { show } from '../util/format-value.js'
import type { Exchange } from './exchange.js'
import { newAttempt, type Refresh } from './fresh.js'
import type { Fresh, Payload, Scenario } from './scenario.js'
import { senderFor, type Send, type Target } from './target.js'

/** What the checks have found out so far of one server. */
export class Session {
  readonly scenario: Scenario
  /** The 201, and the address that it names, as a path with its query. */
  creation!: Exchange
  address!: string
  /** What GET on it answered first. */
  representation!: Exchange
  /** What it answered before the last update that was tried. */
  before!: Exchange
  /** The first update, which had the current tag. */
  updated!: Exchange
  /** A tag that was current before the update, and is not any more. */
  staleTag?: EntityTag
  readonly #base: URL
  readonly #send: Send
  #exchanges: Exchange[] = []

  constructor (target: Target, scenario: Scenario) {
    this.scenario = scenario
    const { send, base } = senderFor(target)
    this.#send = send
    this.#base = base
  }

  /** @returns the exchanges since the last call */
  takeExchanges (): Exchange[] {
    return this.#exchanges.splice(0)
  }

  /** Where a URL of the scenario is: below the base URL. */
  below (url: string): string {
    if (typeof url !== 'string') throw new TypeError(`A url of the scenario gave ${show(url)}: it must give a path such as "/users"`)
    return `${this.#base.pathname.replace(/\/$/, '')}/${url.replace(/^\//, '')}`
  }

  /**
   * Where an address leads that was sent in answer to a request: on the target, whatever origin the server believes to have.
   * @returns `undefined` for what is no address
   */
  follow (location: string, { request }: Exchange): string | undefined {
    const { href: base } = new URL(request.url, this.#base)
    if (!URL.canParse(location, base)) return undefined
    const { pathname, search } = new URL(location, base)
    return pathname + search
  }

  async send (method: string, path: string, options: { headers?: Record<string, string>, payload?: unknown } = {}): Promise<Exchange> {
    const exchange = await this.#send({ method, path, headers: { ...this.scenario.headers, ...options.headers }, payload: options.payload })
    this.#exchanges.push(exchange)
    return exchange
  }

  /** @param payload in place of that of the scenario */
  create (payload: Fresh<Payload> = this.scenario.create.payload): Promise<Exchange> {
    const { create } = this.scenario
    const refresh = newAttempt()
    return this.send(create.method ?? 'POST', this.below(refresh(create.url)), { headers: create.headers, payload: refresh(payload) })
  }

  get (headers?: Record<string, string>): Promise<Exchange> {
    return this.send('GET', this.address, { headers })
  }

  update (precondition: Record<string, string>): Promise<Exchange> {
    const { method, payload, headers } = this.scenario.update!
    return this.send(method, this.address, { headers: { ...headers, ...precondition }, payload: newAttempt()(payload) })
  }

  /** An address that nothing is at, for PUT. */
  freshTarget (): { path: string, refresh: Refresh } {
    const refresh = newAttempt()
    return { path: this.below(refresh(this.scenario.upsert!.url)), refresh }
  }

  /** Where nothing exists. Some servers ask a PUT to say that it means to create (RFC 6585 section 3). */
  async putNew (path: string, refresh: Refresh): Promise<Exchange> {
    const answer = await this.put(path, {}, refresh)
    return answer.response.status === 428 ? this.put(path, { 'if-none-match': '*' }, refresh) : answer
  }

  /** @param refresh that of the target: an id may be in both */
  put (path: string, precondition: Record<string, string>, refresh: Refresh): Promise<Exchange> {
    const { payload, headers } = this.scenario.upsert!
    return this.send('PUT', path, { headers: { ...headers, ...precondition }, payload: refresh(payload) })
  }

  /** As many at the same moment as the scenario has writers. */
  async simultaneously (path: string, write: () => Promise<Exchange>): Promise<Exchange[]> {
    const all = (send: () => Promise<Exchange>) => Promise.all(Array.from({ length: this.scenario.writers ?? 20 }, send))
    // Connections are opened before, so that the writers need not wait for them one after the other.
    await all(() => this.send('GET', path))
    return all(write)
  }
}
