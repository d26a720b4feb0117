import { ProcessExitError } from './app-errors.js'
import type { FastifyObserver, ObservedApp } from './fastify-observer.js'

/** The FST_CREATED_VIOLATION that stopped the boot of an app. It may come from another version of this package. */
export interface BootViolation extends Error {
  rule: string
  spec: string
  route: { method: string, url: string }
}

/**
 * An app that does not boot because of a rule is a finding.
 * @throws any other error
 */
export async function appWithBootViolation (
  error: unknown, { apps }: FastifyObserver
): Promise<{ app: ObservedApp, bootViolation: BootViolation }> {
  const app = apps.at(-1)
  if (app === undefined) throw error
  // The app may have caught the violation, and called process.exit() because of it.
  const reason = error instanceof ProcessExitError ? await bootError(app) ?? error : error
  if (isViolation(reason)) return { app, bootViolation: reason }
  throw reason
}

async function bootError ({ instance }: ObservedApp): Promise<unknown> {
  try {
    await instance.ready()
    return undefined
  } catch (error) {
    return error
  }
}

function isViolation (error: unknown): error is BootViolation {
  return Object(error).code === 'FST_CREATED_VIOLATION'
}
