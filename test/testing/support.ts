import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import {
  checkCreation, type CheckResult, type CreationReport, type Scenario, type Target
} from '../../src/testing/index.js'
import { referenceServer, type Fault, type Style } from './server.js'

export const CREATE = { url: '/users', payload: { name: 'Ann {{n}}' } }
export const UPDATE = { method: 'PATCH', payload: { name: 'Eve {{n}}' } } as const
export const UPSERT = { url: '/users/{{uuid}}', payload: { name: 'Joe {{n}}' } }

/** A scenario with all parts. */
export const COMPLETE: Scenario = {
  create: { url: '/users', payload: (n) => ({ name: `Ann ${n}`, password: 'secret' }) },
  update: { method: 'PATCH', payload: (n) => ({ name: `Eve ${n}` }) },
  upsert: UPSERT,
  remove: true,
  invalid: { nom: 'Ann' },
  list: '/users',
  precondition: 'required',
  writers: 4
}

export const CREATE_BY_PUT = { create: { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } } as const

export function newServer (t: Test, style?: Style, fault?: Fault): FastifyInstance {
  const app = referenceServer(style, fault)
  t.teardown(() => app.close())
  return app
}

/** @returns the base URL of a server with this listener */
export async function listen (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  t.teardown(() => { server.close(); server.closeAllConnections() })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function resultOf ({ checks }: CreationReport, id: string): CheckResult {
  return checks.find((check) => check.id === id)!
}

export function idsWith (outcome: CheckResult['outcome'], { checks }: CreationReport): string[] {
  return checks.filter((check) => check.outcome === outcome).map(({ id }) => id)
}

/** The scenario for a server whose URLs begin with a prefix. */
export function withPrefix (prefix: string, scenario: Scenario): Scenario {
  const { create, upsert, list } = scenario
  return {
    ...scenario,
    create: { ...create, url: `${prefix}${create.url}` },
    upsert: upsert && { ...upsert, url: `${prefix}${upsert.url}` },
    list: list && `${prefix}${list}`
  }
}

/** Asserts that no check fails, and that exactly these are skipped. */
export async function passes (t: Test, target: Target, scenario: Scenario, skipped: string[] = []): Promise<void> {
  const report = await checkCreation(target, scenario)
  const { passed, checks } = report
  const failed = checks.filter(({ outcome }) => outcome === 'failed')
  t.same(failed.map(({ id, detail }) => [id, detail]), [])
  t.same(idsWith('skipped', report).sort(), [...skipped].sort())
  t.ok(checks.every(({ outcome, detail }) => outcome === 'passed' || detail), 'a skipped check says why')
  const hasExchanges = checks.every(({ outcome, exchanges = [] }) => outcome === 'skipped' || exchanges.length > 0)
  t.ok(hasExchanges, 'every other check has exchanges')
  t.equal(passed, true)
}
