import { decode, LENGTH_BYTES } from '../protocol/codec.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import {
  checkSegment,
  PING_TYPE,
  PONG_TYPE,
  SEGMENT_BYTES,
  SEGMENT_HEADER_BYTES,
  SEGMENT_TYPE,
} from '../protocol/segments.ts'
import type { ByteBudget } from './byte-budget.ts'

/** Most chunks under way at once on one link, towards this side. */
const MAX_OPEN_BODIES = 64

export interface FrameEvents {
  message(message: Exclude<Message, ChunkHeader>): void
  chunkBegins(header: ChunkHeader): void
  chunkArrived(header: ChunkHeader, data: Uint8Array): void
  ping(token: number): void
  pong(token: number): void
}

interface OpenBody {
  readonly header: ChunkHeader
  readonly data: Buffer
  filled: number
}

/** Cuts a byte stream into frames. Holds at most one control frame, and the chunks under way, which a budget bounds. */
export class FrameReader {
  readonly #events: FrameEvents
  readonly #budget: ByteBudget
  /** The start of a frame whose rest has not come. */
  #head = Buffer.alloc(0)
  /** Room for a control frame that comes in pieces; kept no longer than the frame needs it. */
  #frame: Buffer | undefined
  #frameFilled = 0
  /** The chunk that the current segment belongs to, and what is missing of the segment. */
  #segment: OpenBody | undefined
  #segmentMissing = 0
  readonly #open = new Map<number, OpenBody>()
  #isStopped = false

  constructor(events: FrameEvents, budget: ByteBudget) {
    this.#events = events
    this.#budget = budget
  }

  /** Whether the stream may end here: no frame and no chunk is half-way. */
  get isBetweenFrames(): boolean {
    return this.#head.length === 0 && !this.#frame && this.#segmentMissing === 0
  }

  /** Reads on; `data` is not kept. Throws ProtocolError where the stream breaks a rule: it is of no use then. */
  push(data: Buffer): void {
    let rest = data
    while (rest.length > 0 && !this.#isStopped) {
      if (this.#segmentMissing > 0) rest = this.#fillSegment(rest)
      else if (this.#frame) rest = this.#fillFrame(rest)
      else rest = this.#begin(rest)
    }
  }

  /** No more events, even for frames already in hand; gives the memory of unfinished chunks back. */
  stop(): void {
    this.#isStopped = true
    for (const { data } of this.#open.values()) this.#budget.release(data.length)
    this.#open.clear()
    this.#segment = this.#frame = undefined
  }

  /** Reads as much of a frame's start as tells what it is. */
  #begin(rest: Buffer): Buffer {
    const input = this.#head.length > 0 ? Buffer.concat([this.#head, rest]) : rest
    this.#head = Buffer.alloc(0)
    if (input.length <= LENGTH_BYTES) return this.#keepHead(input)
    const length = input.readUInt32BE(0)
    const type = input[LENGTH_BYTES]
    const isSignal = type >= SEGMENT_TYPE
    const most = type === SEGMENT_TYPE ? SEGMENT_HEADER_BYTES + SEGMENT_BYTES : LIMITS.controlFrameBytes
    const size = LENGTH_BYTES + length
    if (length < 1 || size > most)
      throw new ProtocolError(`invalid frame length: ${length} (1 to ${most - LENGTH_BYTES} expected)`)
    if (isSignal) {
      if (size < SEGMENT_HEADER_BYTES) throw new ProtocolError(`invalid signal: ${size} bytes`)
      if (input.length < SEGMENT_HEADER_BYTES) return this.#keepHead(input)
      this.#signal(type, input.readUInt32BE(5), size - SEGMENT_HEADER_BYTES)
      return input.subarray(SEGMENT_HEADER_BYTES)
    }
    if (input.length >= size) {
      this.#decode(input.subarray(0, size))
      return input.subarray(size)
    }
    this.#frame = Buffer.allocUnsafe(size)
    this.#frameFilled = 0
    return input
  }

  /** Copied, because the bytes read may be a small part of a large buffer. */
  #keepHead(input: Buffer): Buffer {
    this.#head = Buffer.from(input)
    return input.subarray(input.length)
  }

  #fillFrame(rest: Buffer): Buffer {
    const frame = this.#frame!
    const copied = rest.copy(frame, this.#frameFilled)
    this.#frameFilled += copied
    if (this.#frameFilled === frame.length) {
      this.#frame = undefined
      this.#decode(frame)
    }
    return rest.subarray(copied)
  }

  #decode(frame: Buffer): void {
    const message = decode(frame)
    if (message.type !== 'chunk') return this.#events.message(message)
    const { requestId, bytes } = message
    if (this.#open.has(requestId))
      throw new ProtocolError(`invalid chunk: request ${requestId} is being answered`)
    if (this.#open.size >= MAX_OPEN_BODIES)
      throw new ProtocolError(`invalid chunk: more than ${MAX_OPEN_BODIES} at once on one link`)
    if (!this.#budget.take(bytes))
      throw new ProtocolError(`invalid chunk: ${bytes} bytes more than this node receives at once`)
    // Memory that was never written to costs nothing, so a header alone can't fill it.
    this.#open.set(requestId, { header: message, data: Buffer.allocUnsafeSlow(bytes), filled: 0 })
    this.#events.chunkBegins(message)
  }

  #signal(type: number, value: number, payloadBytes: number): void {
    if (type === SEGMENT_TYPE) return this.#beginSegment(value, payloadBytes)
    if (payloadBytes > 0) throw new ProtocolError(`invalid signal: ${payloadBytes} bytes too long`)
    if (type === PING_TYPE) this.#events.ping(value)
    else if (type === PONG_TYPE) this.#events.pong(value)
    else throw new ProtocolError(`invalid frame type: ${type}`)
  }

  #beginSegment(requestId: number, payloadBytes: number): void {
    const body = this.#open.get(requestId)
    if (!body) throw new ProtocolError(`invalid segment: no chunk under way for request ${requestId}`)
    checkSegment(payloadBytes, body.data.length - body.filled)
    if (payloadBytes === 0) return this.#forget(requestId, body)
    this.#segment = body
    this.#segmentMissing = payloadBytes
  }

  #fillSegment(rest: Buffer): Buffer {
    const body = this.#segment!
    const copied = rest.copy(body.data, body.filled, 0, Math.min(rest.length, this.#segmentMissing))
    body.filled += copied
    this.#segmentMissing -= copied
    if (body.filled === body.data.length) {
      this.#segment = undefined
      this.#forget(body.header.requestId, body)
      this.#events.chunkArrived(body.header, body.data)
    }
    return rest.subarray(copied)
  }

  #forget(requestId: number, body: OpenBody): void {
    this.#open.delete(requestId)
    this.#budget.release(body.data.length)
  }
}
