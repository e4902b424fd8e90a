import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { indexMedia } from './media-index.ts'
import { mediaBpsOf } from './media-segments.ts'

const PACKET = 188

/** A packet, with a clock reference of so many ticks of 90 kHz where one is given. */
function packet(pid: number, ticks?: number): Buffer {
  const bytes = Buffer.alloc(PACKET, 0xff)
  bytes.set([0x47, pid >> 8, pid & 0xff, ticks === undefined ? 0x10 : 0x30])
  if (ticks === undefined) return bytes
  bytes.set([7, 0x10], 4)
  bytes.writeUInt32BE(Math.floor(ticks / 2), 6)
  bytes[10] = ((ticks % 2) << 7) | 0x7e
  return bytes
}

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

/** The fields of an index of segments. */
function sidx(timescale: number, segments: readonly (readonly [bytes: number, ticks: number])[]): Buffer {
  const body = Buffer.alloc(24 + 12 * segments.length)
  body.writeUInt32BE(timescale, 8)
  body.writeUInt16BE(segments.length, 22)
  for (const [i, [bytes, ticks]] of segments.entries()) {
    body.writeUInt32BE(bytes, 24 + 12 * i)
    body.writeUInt32BE(ticks, 28 + 12 * i)
  }
  return body
}

const indexOf = (data: Uint8Array) =>
  indexMedia(({ start, end }) => Promise.resolve(data.subarray(start, end)), data.length)

describe('an index of media', () => {
  it('reads how long a transport stream plays from its clock, across the wrap too', async () => {
    const from = 2 ** 33 - 90_000
    const packets = Array.from({ length: 1000 }, () => packet(0x101))
    packets[3] = packet(0x100, from)
    packets[998] = packet(0x100, (from + 20 * 90_000) % 2 ** 33)
    packets[999] = packet(0x102, 5)
    const index = (await indexOf(Buffer.concat(packets)))!
    expect(index.segments.map(({ end }) => end % PACKET)).toEqual([0, 0, 0, 0, 0])
    expect(index.segments.at(-1)!.end).toBe(1000 * PACKET)
    expect(mediaBpsOf(index)).toBeCloseTo((1000 * PACKET) / 20)
  })

  it('reads the segments of fragmented MP4', async () => {
    const init = Buffer.concat([box('ftyp'), box('moov', Buffer.alloc(50))])
    const index = box(
      'sidx',
      sidx(1000, [
        [1000, 2000],
        [500, 1500],
      ]),
    )
    const found = (await indexOf(Buffer.concat([init, index, Buffer.alloc(1500)])))!
    const at = init.length + index.length
    expect(found).toEqual({
      init: { start: 0, end: init.length },
      segments: [
        { start: at, end: at + 1000, durationS: 2 },
        { start: at + 1000, end: at + 1500, durationS: 1.5 },
      ],
    })
    const first = box('sidx', sidx(1000, [[1000, 2000]]))
    expect(await indexOf(Buffer.concat([init, first, Buffer.alloc(1500)]))).toBeUndefined()
  })

  it('lives through any bytes, and names only ranges that are there', async () => {
    const likely = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .array(
          fc.oneof(
            fc.constant(packet(1)),
            fc.nat(2 ** 33 - 1).map((ticks) => packet(1, ticks)),
          ),
          { maxLength: 30 },
        )
        .map((all) => Buffer.concat(all)),
      fc
        .tuple(
          fc.constantFrom('moov', 'free', 'mdat'),
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 200 }),
        )
        .map(([type, body, rest]) => Buffer.concat([box('ftyp'), box(type), box('sidx', body), rest])),
    )
    await fuzz(
      fc.asyncProperty(likely, async (data) => {
        const index = await indexOf(data)
        for (const { start, end, durationS } of index?.segments ?? []) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(data.length)
          expect(durationS).toBeGreaterThanOrEqual(0)
        }
      }),
      300,
    )
  })
})
