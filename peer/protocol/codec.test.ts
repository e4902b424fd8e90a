import { describe, expect, it } from 'vitest'
import { ChunkSet } from './chunk-set.ts'
import { decode, encode, encodedBytes } from './codec.ts'
import { LIMITS } from './limits.ts'
import type { Candidate, Candidates, FetchReport } from './messages.ts'

const candidate: Candidate = {
  peerId: 'a'.repeat(40),
  address: '127.0.0.1:4000',
  region: 'eu-west',
  isOrigin: false,
  uploadSlots: 4,
  active: 1,
  queued: 2,
  completeness: 0.5,
  sessionAgeMs: 1000,
  loadAgeMs: 100,
  goodputBps: NaN,
  successShare: NaN,
  uploadBps: NaN,
}
const answer = (candidates: readonly Candidate[]): Candidates => ({
  type: 'candidates',
  contentId: 'c'.repeat(64),
  intervalMs: 30_000,
  seeds: 1,
  leechers: 2,
  policy: 'random',
  policyVersion: '1',
  candidates,
})
const fetchReport: FetchReport = { seedId: 'b'.repeat(40), result: 'ok', bytes: 1, durationMs: 1 }

describe('encode', () => {
  it('writes a frame as documented', () => {
    expect([...encode({ type: 'have', chunk: 258, active: 3, queued: 4 })]).toEqual([
      0, 0, 0, 7, 2, 0, 0, 1, 2, 3, 4,
    ])
  })

  it('charges a chunk for its header and the headers of its segments', () => {
    const header = { type: 'chunk', requestId: 1, chunk: 0, active: 0, queued: 0 } as const
    expect(encodedBytes({ ...header, bytes: 1 })).toBe(19 + 9)
    expect(encodedBytes({ ...header, bytes: 1024 * 1024 })).toBe(19 + 32 * 9)
  })

  it('refuses what exceeds a limit', () => {
    const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
    const report = { type: 'report', contentId: 'c'.repeat(64), peerId: 'a'.repeat(40) } as const
    expect(() => encode(answer(many(LIMITS.candidates + 1, candidate)))).toThrow(/at most 200/)
    expect(() => encode({ ...report, reports: many(65, fetchReport) })).toThrow(/at most 64/)
    expect(() => encode(answer([{ ...candidate, region: 'x'.repeat(64) }]))).toThrow(/at most 63 bytes/)
    expect(() => encode(answer([{ ...candidate, peerId: 'abc' }]))).toThrow(/40 hex digits/)
    expect(() => encode(answer([{ ...candidate, peerId: 'g'.repeat(40) }]))).toThrow(/hex digits|wire number/)
    expect(() => encode({ type: 'have', chunk: -1, active: 0, queued: 0 })).toThrow(/invalid wire number: -1/)
    expect(() => encode({ type: 'have', chunk: 0, active: 256, queued: 0 })).toThrow(/0 to 255/)
    expect(() => encode({ type: 'bitfield', chunks: new ChunkSet(65_537) })).toThrow(/1 to 65536/)
    expect(() => encode({ type: 'bitfield', chunks: new ChunkSet(2 ** 21) })).toThrow(/at most 131072/)
  })
})

describe('decode', () => {
  const withByte = (frame: Uint8Array, at: number, byte: number): Uint8Array => {
    const copy = frame.slice()
    copy[at] = byte
    return copy
  }

  it('refuses unknown types, flags and results', () => {
    const interested = encode({ type: 'interested', interested: true })
    expect(() => decode(withByte(interested, 4, 99))).toThrow(/invalid message type: 99/)
    expect(() => decode(withByte(interested, 5, 2))).toThrow(/invalid flag: 2/)
    const report = encode({
      type: 'report',
      contentId: 'c'.repeat(64),
      peerId: 'a'.repeat(40),
      reports: [fetchReport],
    })
    expect(() => decode(withByte(report, report.length - 13, 7))).toThrow(/invalid fetch result: 7/)
  })

  it('refuses spare bits, too many chunks, empty chunks and negative measures', () => {
    const bitfield = encode({ type: 'bitfield', chunks: new ChunkSet(3) })
    expect(() => decode(withByte(bitfield, 9, 0x10))).toThrow(/spare bits/)
    expect(() => decode(withByte(bitfield, 5, 1))).toThrow(/invalid chunk count/)
    const header = encode({ type: 'chunk', requestId: 1, chunk: 0, bytes: 1, active: 0, queued: 0 })
    expect(() => decode(withByte(header, 16, 0))).toThrow(/invalid chunk bytes: 0/)
    expect(() => decode(withByte(header, 13, 2))).toThrow(/invalid chunk bytes/)
    const listed = encode(answer([candidate]))
    expect(() => decode(withByte(listed, listed.length - 24, 0xbf))).toThrow(/invalid measure: -/)
  })

  it('refuses shares of a content that are none', () => {
    for (const completeness of [NaN, -0.1, 1.1]) {
      const frame = encode({
        ...{ type: 'announce', contentId: 'c'.repeat(64), peerId: 'a'.repeat(40), address: '127.0.0.1:4000' },
        ...{ region: '', event: 'started', isOrigin: false, uploadSlots: 4, active: 0, queued: 0 },
        ...{ uploadedBytes: 0, downloadedBytes: 0, wanted: 0, chunks: new ChunkSet(1), completeness },
      })
      expect(() => decode(frame)).toThrow('invalid completeness')
    }
  })
})
