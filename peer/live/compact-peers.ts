import { formatEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'

const PORT_BYTES = 2

/** Reads addresses of 4 + 2 bytes (BEP 23) or 16 + 2 bytes (BEP 7), up to `most`; those without a port are passed over. */
export function parseCompactPeers(bytes: Uint8Array, ipBytes: 4 | 16, most: number): Address[] {
  const addresses: Address[] = []
  const size = ipBytes + PORT_BYTES
  for (let at = 0; at + size <= bytes.length && addresses.length < most; at += size) {
    const port = bytes[at + ipBytes] * 256 + bytes[at + ipBytes + 1]
    if (port > 0) addresses.push(formatEndpoint(hostOf(bytes.subarray(at, at + ipBytes)), port))
  }
  return addresses
}

function hostOf(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.')
  const groups: string[] = []
  for (let at = 0; at < ip.length; at += 2) groups.push((ip[at] * 256 + ip[at + 1]).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
