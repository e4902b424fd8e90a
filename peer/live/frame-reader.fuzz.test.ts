import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzz } from '../../tools/testing/fuzz-cases.ts'
import { encode } from '../protocol/codec.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { joinFrames } from '../protocol/frames.ts'
import { PING_TYPE, pingFrame, SEGMENT_BYTES, segmentHeader } from '../protocol/segments.ts'
import { ByteBudget } from './byte-budget.ts'
import { FrameReader } from './frame-reader.ts'

interface Chunk {
  readonly requestId: number
  readonly bytes: number
  readonly isAborted: boolean
}

/** What is written on one link: chunks that take turns in segments, with messages and pings between them. */
const script = fc.record({
  chunks: fc.uniqueArray(
    fc.record({
      requestId: fc.nat(1000),
      bytes: fc.integer({ min: 1, max: 3 * SEGMENT_BYTES }),
      isAborted: fc.boolean(),
    }),
    { selector: ({ requestId }) => requestId, maxLength: 4 },
  ),
  haves: fc.array(fc.nat(65_535), { maxLength: 6 }),
  pieces: fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 20 }),
})

const dataOf = ({ requestId, bytes }: Chunk): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + requestId) & 0xff)

function write(chunks: readonly Chunk[], haves: readonly number[]): Uint8Array {
  const frames: Uint8Array[] = []
  const waiting = chunks.map((chunk) => ({ chunk, at: 0 }))
  const messages = haves.slice()
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { chunk, at } = next
    const { requestId, bytes } = chunk
    if (at === 0) frames.push(encode({ type: 'chunk', requestId, chunk: 1, bytes, active: 0, queued: 0 }))
    const message = messages.pop()
    if (message !== undefined) frames.push(encode({ type: 'have', chunk: message, active: 0, queued: 0 }))
    frames.push(pingFrame(PING_TYPE, requestId))
    const end = Math.min(bytes, at + SEGMENT_BYTES)
    if (chunk.isAborted && end === bytes) frames.push(segmentHeader(requestId, 0))
    else {
      frames.push(segmentHeader(requestId, end - at), dataOf(chunk).subarray(at, end))
      if (end < bytes) waiting.push({ chunk, at: end })
    }
  }
  for (const message of messages) frames.push(encode({ type: 'have', chunk: message, active: 0, queued: 0 }))
  return joinFrames(frames)
}

class Heard {
  readonly arrived = new Map<number, Buffer>()
  readonly haves: number[] = []
  pings = 0
  readonly budget = new ByteBudget(64 * 1024 * 1024)
  readonly reader = new FrameReader(
    {
      message: (message) => message.type === 'have' && this.haves.push(message.chunk),
      chunkBegins: () => undefined,
      chunkArrived: ({ requestId }, data) => this.arrived.set(requestId, Buffer.from(data)),
      ping: () => this.pings++,
      pong: () => undefined,
    },
    this.budget,
  )
}

describe('FrameReader', () => {
  it('reads what was written, however it was cut', () => {
    fc.assert(
      fc.property(script, ({ chunks, haves, pieces }) => {
        const stream = Buffer.from(write(chunks, haves))
        const heard = new Heard()
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = Math.min(stream.length, at + pieces[i % pieces.length])
          heard.reader.push(stream.subarray(at, end))
          at = end
        }
        const whole = chunks.filter(({ isAborted }) => !isAborted)
        expect([...heard.arrived.keys()].sort()).toEqual(whole.map(({ requestId }) => requestId).sort())
        for (const chunk of whole)
          expect(heard.arrived.get(chunk.requestId)!.equals(dataOf(chunk))).toBe(true)
        expect(heard.haves.toSorted()).toEqual(haves.toSorted())
        expect(heard.reader.isBetweenFrames).toBe(true)
        expect(heard.budget.takenBytes).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('refuses garbage with a ProtocolError and nothing else', async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // A valid stream with one byte changed goes deeper than noise.
      fc.tuple(script, fc.nat(), fc.nat(255)).map(([{ chunks, haves }, at, byte]) => {
        const stream = write(chunks, haves)
        if (stream.length > 0) stream[at % stream.length] = byte
        return stream
      }),
    )
    await fuzz(
      fc.property(garbage, (bytes) => {
        const heard = new Heard()
        try {
          heard.reader.push(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
        heard.reader.stop()
        expect(heard.budget.takenBytes).toBe(0)
      }),
      300,
    )
  })

  it('says nothing more once it was stopped', () => {
    const heard = new Heard()
    const stream = Buffer.from(write([], [1, 2, 3]))
    const reader: FrameReader = new FrameReader(
      {
        message: (message) => {
          if (message.type === 'have') heard.haves.push(message.chunk)
          reader.stop()
        },
        chunkBegins: () => undefined,
        chunkArrived: () => undefined,
        ping: () => undefined,
        pong: () => undefined,
      },
      heard.budget,
    )
    reader.push(stream)
    expect(heard.haves).toHaveLength(1)
  })
})
