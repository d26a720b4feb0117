import { CommandError } from '../command-error.js'
import { SCENARIO_FIX } from './scenario-file.js'
import { isLoopback, isUrl } from './target-url.js'

interface ProbeRequest {
  /** A file or a URL. */
  target: string
  scenario?: string
  allowWrites: boolean
  allowRemote: boolean
}

/** A probe writes data, so the user has to allow it. @throws CommandError */
export function requirePermission ({ target, scenario, allowWrites, allowRemote }: ProbeRequest): void {
  const url = isUrl(target) ? parseUrl(target) : undefined
  if (url !== undefined && scenario === undefined) {
    throw new CommandError({
      failed: "probe doesn't know what to send.",
      found: 'a URL without --scenario',
      required: 'a JSON file that says what to send',
      fix: SCENARIO_FIX
    })
  }
  if (!allowWrites) {
    const connected = url === undefined ? 'the app is connected to' : 'that server is connected to'
    throw new CommandError({
      failed: 'probe writes real data, and was not allowed to.',
      found: 'no --allow-writes',
      required: `your permission to create, change and delete records in whatever ${connected}`,
      fix: 'if that is fine, add --allow-writes'
    })
  }
  if (url !== undefined && !isLoopback(url) && !allowRemote) {
    throw new CommandError({
      failed: 'probe writes real data to another machine, and was not allowed to.',
      found: `the host ${url.hostname}, and no --allow-remote`,
      required: 'your permission to create, change and delete records there',
      fix: 'if that is fine, add --allow-remote'
    })
  }
}

function parseUrl (target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url
  throw new CommandError({
    failed: 'Cannot probe this URL.',
    found: target,
    required: 'an http or https URL',
    fix: 'npx fastify-created probe http://127.0.0.1:3000 --scenario users.json --allow-writes'
  })
}
