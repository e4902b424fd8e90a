import type { Socket } from 'node:net'
import { encode } from '../protocol/codec.ts'
import type { ChunkHeader } from '../protocol/messages.ts'
import { SEGMENT_BYTES, segmentHeader } from '../protocol/segments.ts'

interface Sending {
  readonly header: ChunkHeader
  readonly data: Uint8Array
  sentBytes: number
  isAborted: boolean
}

/**
 * Sends chunks over one socket: segments of all chunks take turns, and no more of them is handed to the socket than
 * `bufferBytes`, so that a control frame never waits behind a whole chunk.
 */
export class ChunkSender {
  readonly #socket: Socket
  readonly #bufferBytes: number
  readonly #sent: (requestId: number) => void
  /** Chunks with bytes still to hand over, the one whose turn it is first. */
  readonly #waiting: Sending[] = []
  /** Chunks handed over whole that the socket has not sent yet. */
  readonly #leaving = new Set<Sending>()
  /** When bytes last left. */
  movedAtMs = 0

  constructor(socket: Socket, bufferBytes: number, sent: (requestId: number) => void) {
    this.#socket = socket
    this.#bufferBytes = bufferBytes
    this.#sent = sent
    socket.on('drain', () => this.#pump())
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#leaving.size === 0
  }

  send(header: ChunkHeader, data: Uint8Array): void {
    if (this.isIdle) this.movedAtMs = performance.now()
    this.#waiting.push({ header, data, sentBytes: 0, isAborted: false })
    this.#pump()
  }

  abort(requestId: number): void {
    for (const sending of this.#leaving) if (sending.header.requestId === requestId) sending.isAborted = true
    const at = this.#waiting.findIndex(({ header }) => header.requestId === requestId)
    if (at < 0) return
    const [sending] = this.#waiting.splice(at, 1)
    if (sending.sentBytes > 0) this.#socket.write(segmentHeader(requestId, 0))
  }

  /** Gives all chunks up without a word; returns their requests. */
  clear(): number[] {
    const given = [...this.#leaving, ...this.#waiting].filter(({ isAborted }) => !isAborted)
    for (const sending of given) sending.isAborted = true
    this.#waiting.length = 0
    this.#leaving.clear()
    return given.map(({ header }) => header.requestId)
  }

  #pump(): void {
    const socket = this.#socket
    if (this.#waiting.length === 0 || socket.writableLength >= this.#bufferBytes) return
    socket.cork()
    while (this.#waiting.length > 0 && socket.writableLength < this.#bufferBytes) {
      const sending = this.#waiting.shift()!
      this.#writeSegment(sending)
      if (sending.sentBytes < sending.data.length) this.#waiting.push(sending)
    }
    socket.uncork()
  }

  #writeSegment(sending: Sending): void {
    const { header, data } = sending
    if (sending.sentBytes === 0) this.#socket.write(encode(header))
    const payload = data.subarray(sending.sentBytes, sending.sentBytes + SEGMENT_BYTES)
    this.#socket.write(segmentHeader(header.requestId, payload.length))
    sending.sentBytes += payload.length
    const isLast = sending.sentBytes === data.length
    if (isLast) this.#leaving.add(sending)
    this.#socket.write(payload, (error) => {
      this.movedAtMs = performance.now()
      if (!isLast || !this.#leaving.delete(sending) || sending.isAborted || error) return
      this.#sent(header.requestId)
    })
  }
}
