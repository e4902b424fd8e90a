import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { parseAnnounceQuery, parseScrapeQuery } from './announce-query.ts'
import { compactEndpoint, endpointNumber, ipBytes, writeEndpoint } from './compact-endpoint.ts'
import { ConnectionIds } from './connection-ids.ts'
import { ClientError } from './errors.ts'
import { parseUdp } from './udp-packets.ts'

const hash = fc.uint8Array({ minLength: 20, maxLength: 20 })
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** As clients do it: what is unreserved stays, everything else becomes %XX. */
const escaped = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
    })
    .join('')

const onlyClientErrors = (parse: () => unknown): boolean => {
  try {
    parse()
    return true
  } catch (error) {
    return error instanceof ClientError
  }
}

describe('announce queries', () => {
  it('give back what a client put in', () => {
    fc.assert(
      fc.property(
        hash,
        hash,
        fc.integer({ min: 1, max: 65_535 }),
        fc.maxSafeNat(),
        fc.constantFrom('started', 'completed', 'stopped'),
        (infoHash, peerId, port, left, event) => {
          const query = `info_hash=${escaped(infoHash)}&peer_id=${escaped(peerId)}&port=${port}&uploaded=5&downloaded=7&left=${left}&event=${event}&compact=1`
          expect(parseAnnounceQuery(query, '192.0.2.1')).toMatchObject({
            ...{ infoHash: hexOf(infoHash), peerId: hexOf(peerId), port, event },
            ...{ uploadedBytes: 5, downloadedBytes: 7, leftBytes: left, isCompact: true },
          })
        },
      ),
    )
  })

  it('never fail but with an error for the client', async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'info_hash=',
        'peer_id=',
        '&',
        '=',
        '%',
        '%zz',
        'port=1',
        '&left=-1',
        '\u{1f600}',
        'numwant=-1',
      ),
      hash.map((bytes) => `info_hash=${escaped(bytes)}&peer_id=${escaped(bytes)}&port=9`),
    )
    await fuzz(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const query = pieces.join('')
        return (
          onlyClientErrors(() => parseAnnounceQuery(query, '192.0.2.1')) &&
          onlyClientErrors(() => parseScrapeQuery(query))
        )
      }),
      2000,
    )
  })
})

describe('UDP packets', () => {
  it('never make the parser fail', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(0, 1, 2, 3, 9), fc.uint8Array({ minLength: 16, maxLength: 120 }))
        .map(([action, rest]) => {
          rest.set([0, 0, 0, action], 8)
          return rest
        }),
    )
    await fuzz(
      fc.property(bytes, (packet) => {
        const request = parseUdp(Buffer.from(packet), '192.0.2.1')
        return request === undefined || ['connect', 'announce', 'scrape'].includes(request.action)
      }),
      2000,
    )
  })
})

describe('connection ids', () => {
  it('are good for the host that they were issued to, for a while', () => {
    let nowMs = 0
    const ids = new ConnectionIds(() => nowMs)
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.nat(1e9), fc.nat(400_000), (host, other, issuedMs, ageMs) => {
        nowMs = issuedMs
        const id = ids.issue(host)
        expect(ids.isValid(other, id)).toBe(other === host)
        nowMs += ageMs
        if (ageMs <= 120_000) expect(ids.isValid(host, id)).toBe(true)
        if (ageMs >= 180_000) expect(ids.isValid(host, id)).toBe(false)
      }),
    )
  })
})

describe('compact addresses', () => {
  it('hold the bytes that the URL parser of the platform finds', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(65_535), (host, port) => {
        const bytes = compactEndpoint(`${host}:${port}`)
        expect([...bytes]).toEqual([...host.split('.').map(Number), port >> 8, port & 255])
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.string()), fc.nat(65_535), (host, port) => {
        const endpoint = endpointNumber(host, port)
        expect(Number.isNaN(endpoint)).toBe(!isIPv4(host))
        if (Number.isNaN(endpoint)) return
        const bytes = Buffer.alloc(6)
        writeEndpoint(endpoint, bytes, 0)
        expect(bytes).toEqual(compactEndpoint(`${host}:${port}`))
      }),
    )
    fc.assert(
      fc.property(fc.ipV6(), (host) => {
        const bytes = Buffer.from(ipBytes(host))
        const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
        expect(new URL(`http://[${groups.join(':')}]/`).hostname).toBe(new URL(`http://[${host}]/`).hostname)
      }),
    )
  })
})
