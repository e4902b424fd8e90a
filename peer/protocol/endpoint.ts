import { ProtocolError } from './errors.ts'
import { type Address, quote } from './ids.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Reads `host:port`, IPv6 hosts in brackets. Throws ProtocolError. */
export function parseEndpoint(address: Address): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535)
    throw new ProtocolError(`invalid address: ${quote(address)} (host:port expected, IPv6 hosts in brackets)`)
  return { host, port }
}

/** Whether a text is `host:port` with a port that can be connected to. */
export function isEndpoint(text: unknown): text is Address {
  try {
    return typeof text === 'string' && parseEndpoint(text).port > 0
  } catch {
    return false
  }
}

/** Writes `host:port`, IPv6 hosts in brackets; an IPv4 host that is mapped into IPv6 loses the mapping. */
export function formatEndpoint(host: string, port: number): Address {
  const plain = host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

/**
 * The address under which to believe that a node listens: the port it names at the host that its connection came from,
 * so that nobody can have others connect to a machine that is not its own. Empty where it names no port.
 */
export function endpointOf(fromHost: string, named: Address): Address {
  const port = Number(/:(\d{1,5})$/.exec(named)?.[1])
  return port >= 1 && port <= 65_535 ? formatEndpoint(fromHost, port) : ''
}

/** Whether an address is a URL that carries tracker messages over HTTP. */
export const isHttpAddress = (address: Address): boolean => /^https?:\/\//i.test(address)
