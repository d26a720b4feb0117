/** Whether the target of a probe is a URL, not a file. */
export function isUrl (target: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(target)
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

export function isLoopback ({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname)
}
