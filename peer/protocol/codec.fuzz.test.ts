import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { message } from './arbitraries.testing.ts'
import { decode, encode, encodedBytes } from './codec.ts'
import { ProtocolError } from './errors.ts'
import { decodeAll, joinFrames } from './frames.ts'
import type { Message } from './messages.ts'
import { SEGMENT_HEADER_BYTES, segmentsOf } from './segments.ts'

/** Chunk sets compare by what they hold. */
const plain = (value: Message): unknown =>
  'chunks' in value ? { ...value, chunks: [value.chunks.size, ...value.chunks.toBytes()] } : value

const segmentHeaders = (value: Message): number =>
  value.type === 'chunk' ? segmentsOf(value.bytes) * SEGMENT_HEADER_BYTES : 0

describe('codec', () => {
  it('decodes what it encoded, in as many bytes as it charges for', () => {
    fc.assert(
      fc.property(message, (value) => {
        const frame = encode(value)
        expect(plain(decode(frame))).toEqual(plain(value))
        expect(encodedBytes(value)).toBe(frame.length + segmentHeaders(value))
      }),
      { numRuns: 500 },
    )
  })

  it('refuses every frame that ends early or late', () => {
    fc.assert(
      fc.property(message, fc.nat(), (value, cut) => {
        const frame = encode(value)
        const short = frame.slice(0, cut % frame.length)
        if (short.length >= 4) new DataView(short.buffer).setUint32(0, short.length - 4)
        expect(() => decode(short)).toThrow(ProtocolError)
        const long = new Uint8Array(frame.length + 1)
        long.set(frame)
        new DataView(long.buffer).setUint32(0, frame.length - 3)
        expect(() => decode(long)).toThrow(ProtocolError)
      }),
      { numRuns: 300 },
    )
  })

  it('takes garbage for nothing but an error or a message that it would write just so', async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map((body) => {
        const frame = new Uint8Array(4 + body.length)
        new DataView(frame.buffer).setUint32(0, body.length)
        frame.set(body, 4)
        if (body.length > 0) frame[4] = body[0] % 32
        return frame
      }),
      fc.tuple(message, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const frame = encode(value)
        frame[at % frame.length] = byte
        return frame
      }),
    )
    await fuzz(
      fc.property(garbage, (frame) => {
        let decoded: Message
        try {
          decoded = decode(frame)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          return
        }
        // Unknown figures come in many bit patterns and leave in one.
        expect(plain(decode(encode(decoded)))).toEqual(plain(decoded))
        expect(encode(decoded)).toHaveLength(frame.length)
      }),
      2000,
    )
  })

  it('reads bodies of several frames, and refuses garbage in them', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        (values, tail) => {
          const body = joinFrames(values.map(encode))
          expect(decodeAll(body).map(plain)).toEqual(values.map(plain))
          expect(() => decodeAll(joinFrames([body, tail]))).toThrow(ProtocolError)
        },
      ),
      { numRuns: 100 },
    )
  })
})
