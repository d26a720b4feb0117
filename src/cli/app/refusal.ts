import { Exited } from '../failure.js'
import type { Observation, ObservedApp } from './observe.js'

/** FST_CREATED_VIOLATION: what this package throws at boot. */
export interface Refusal extends Error {
  rule: string
  spec: string
  route: { method: string, url: string }
}

/** An app whose own rules refuse it is what was looked for; any other error is not. */
export async function refusedApp (error: unknown, { apps }: Observation): Promise<{ app: ObservedApp, refusal: Refusal }> {
  const app = apps.at(-1)
  if (app === undefined) throw error
  // It may have been caught, and the process ended for it.
  const reason = error instanceof Exited ? await reasonOf(app) ?? error : error
  if (isRefusal(reason)) return { app, refusal: reason }
  throw reason
}

async function reasonOf ({ instance }: ObservedApp): Promise<unknown> {
  try {
    await instance.ready()
    return undefined
  } catch (error) {
    return error
  }
}

export function isRefusal (error: unknown): error is Refusal {
  return Object(error).code === 'FST_CREATED_VIOLATION'
}
