import { isIP } from 'node:net'

/**
 * Whether a request's Host header names this machine in a way that nobody else's name server can point here: an address, or a
 * name that is known. Keeps pages of other sites from reading what is served by DNS rebinding.
 */
export function isAllowedHost(header: string | undefined, names: readonly string[]): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+))(?::\d{1,5})?$/.exec(header ?? '')
  if (match?.[1] !== undefined) return isIP(match[1]) === 6
  const host = match?.[2]?.toLowerCase().replace(/\.$/, '')
  if (host === undefined) return false
  return isIP(host) === 4 || host === 'localhost' || names.includes(host)
}
