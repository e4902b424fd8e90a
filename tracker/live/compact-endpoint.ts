import { isIPv4, isIPv6 } from 'node:net'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Address } from '../../peer/protocol/ids.ts'

/** Address and port as BitTorrent's compact forms have them: 4 + 2 bytes (BEP 23) or 16 + 2 bytes (BEP 7). Throws ProtocolError. */
export function compactEndpoint(address: Address): Buffer {
  const { host, port } = parseEndpoint(address)
  const bytes = ipBytes(host)
  const compact = Buffer.alloc(bytes.length + 2)
  compact.set(bytes)
  compact.writeUInt16BE(port, bytes.length)
  return compact
}

/** The bytes of an IP address in text, 4 or 16 of them. Throws RangeError where it is none. */
export function ipBytes(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.from(host.split('.'), Number)
  if (!isIPv6(host)) throw new RangeError(`invalid host: ${JSON.stringify(host)} (an IP address expected)`)
  const plain = host.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16)
    return `${group(a, b)}:${group(c, d)}`
  })
  const [head, tail] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups = tail
    ? [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
    : head
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]))
}

/** An IPv4 address and a port as one number below 2 ** 48; NaN where the host is no IPv4 address in text. */
export function endpointNumber(host: string, port: number): number {
  let address = 0
  let part = -1
  let parts = 1
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i)
    if (code >= 48 && code <= 57) part = Math.max(part, 0) * 10 + code - 48
    else if (code !== 46 || part < 0 || part > 255) return NaN
    else {
      address = address * 256 + part
      part = -1
      parts++
    }
  }
  return parts === 4 && part >= 0 && part <= 255 ? (address * 256 + part) * 65_536 + port : NaN
}

/** Writes such a number as 6 bytes (BEP 23). */
export function writeEndpoint(endpoint: number, out: Buffer, at: number): void {
  const address = Math.floor(endpoint / 65_536)
  const port = endpoint - address * 65_536
  out[at] = address >>> 24
  out[at + 1] = address >>> 16
  out[at + 2] = address >>> 8
  out[at + 3] = address
  out[at + 4] = port >>> 8
  out[at + 5] = port
}
