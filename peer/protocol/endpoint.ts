import { isIP } from 'node:net'
import { ProtocolError } from '../protocol/errors.ts'
import { type Address, quote } from '../protocol/ids.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Reads `host:port`, IPv6 hosts in brackets. Throws ProtocolError. */
export function parseEndpoint(address: Address): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535 || (match?.[1] !== undefined && isIP(host) !== 6))
    throw new ProtocolError(`invalid address: ${quote(address)} (host:port expected, IPv6 hosts in brackets)`)
  return { host, port }
}

/** Writes `host:port`, IPv6 hosts in brackets; IPv4 hosts mapped into IPv6 lose the mapping. */
export function formatEndpoint(host: string, port: number): Address {
  const plain = host.startsWith('::ffff:') && isIP(host.slice(7)) === 4 ? host.slice(7) : host
  return isIP(plain) === 6 ? `[${plain}]:${port}` : `${plain}:${port}`
}

/** Whether an address is a URL that carries tracker messages over HTTP. */
export const isHttpAddress = (address: Address): boolean => /^https?:\/\//i.test(address)
