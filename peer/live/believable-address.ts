import { isIP } from 'node:net'
import { parseEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import { isPublicAddress } from './public-address.ts'

/**
 * Whether an address that another node names may be dialled: an IP address with a port. Who is far away can't know of this
 * machine's own network, and must not have anybody knock at what is in it.
 */
export function isBelievable(address: Address, teller: Address): boolean {
  try {
    const { host, port } = parseEndpoint(address)
    if (isIP(host) === 0 || port === 0) return false
    return isPublicAddress(host) || !isPublicAddress(parseEndpoint(teller).host)
  } catch {
    return false
  }
}
