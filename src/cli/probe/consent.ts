import type { ProbeCommand } from '../arguments.js'
import { CannotRun } from '../failure.js'
import { isUrl } from './probe.js'
import { SAMPLE } from './scenario-file.js'

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** A probe writes, so it is asked for in so many words. @throws CannotRun */
export function requireConsent ({ target, scenario, allowWrites, allowRemote }: ProbeCommand): void {
  const url = isUrl(target) ? parsed(target) : undefined
  if (url !== undefined && scenario === undefined) {
    throw new CannotRun(`A URL does not tell what to send: give --scenario, a file such as\n${SAMPLE}`)
  }
  if (!allowWrites) {
    throw new CannotRun(`A probe creates, changes and deletes things in whatever ${url === undefined ? 'the app is connected to' : 'is behind that URL'}. Where that may be spoiled, say so: --allow-writes`)
  }
  if (url !== undefined && !LOOPBACK.test(url.hostname) && !allowRemote) {
    throw new CannotRun(`${url.hostname} is not this machine, and a probe writes there. If that is meant, say so: --allow-remote`)
  }
}

function parsed (target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new CannotRun(`${target} is no URL to probe: it must be like http://127.0.0.1:3000.`)
  return url
}
