import { BlockList, isIP } from 'node:net'
import { parseEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'

/** Addresses that mean something else, or nothing, elsewhere (RFC 6890). */
const NOT_PUBLIC = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, 'ipv6')

/** An IPv4 address in the clothes of IPv6 is named by nobody who means well. */
const MAPPED = /^::ffff:/i

const isPublic = (host: string): boolean =>
  !MAPPED.test(host) && !NOT_PUBLIC.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')

/**
 * Whether an address that another node names may be dialled: an IP address with a port. Who is far away can't know of this
 * machine's own network, and must not have anybody knock at what is in it.
 */
export function isBelievable(address: Address, teller: Address): boolean {
  try {
    const { host, port } = parseEndpoint(address)
    if (isIP(host) === 0 || port === 0) return false
    return isPublic(host) || !isPublic(parseEndpoint(teller).host)
  } catch {
    return false
  }
}
