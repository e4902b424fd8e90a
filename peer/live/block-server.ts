import type { Respond } from 'bittorrent-protocol'
import { MAX_BLOCK_BYTES } from './wire-limits.ts'

/** A chunk of which nothing was asked for so long is thought done with. */
const IDLE_MS = 1_000
/** A chunk that was refused is asked for again after so long, where the other side can't be told. */
const RETRY_MS = 500

interface Block {
  readonly offset: number
  readonly length: number
  readonly respond: Respond
}

/** A chunk of which the other side wants blocks, from its first request to the last block sent. */
interface Upload {
  readonly chunk: number
  requestId: number
  blocks: Block[]
  data: Uint8Array | undefined
  sentBytes: number
  /** What the stream will have sent in all when the last block handed over has left. */
  leavesAt: number
  idle: NodeJS.Timeout | undefined
}

export interface BlockServerHost {
  /** Size of a chunk, or undefined where there is none of that number. */
  chunkBytes(chunk: number): number | undefined
  /** Requests of one neighbour that are handed on at once. */
  readonly mostUploads: number
  readonly mostBlocks: number
  /** Whether the other side understands that a chunk is refused for now. */
  hearsBusy(): boolean
  asks(requestId: number, chunk: number): void
  cancels(requestId: number): void
  /** A chunk has left, or as much of it as was asked for. */
  sent(requestId: number, bytes: number): void
  /** How many bytes may be handed to the stream now. */
  room(): number
  /** What was handed to the stream so far, and how much of that has left. */
  handedBytes(): number
  leftBytes(): number
  /** The other side breaks the protocol. */
  broken(): void
}

/** Serves the block requests of one wire: those of one chunk are one request to the owner, answered by its data. */
export class BlockServer {
  readonly #host: BlockServerHost
  /** By chunk, in the order in which they were asked for. */
  readonly #uploads = new Map<number, Upload>()
  #nextRequestId = 1
  #blockCount = 0
  #retry: NodeJS.Timeout | undefined

  constructor(host: BlockServerHost) {
    this.#host = host
  }

  request(chunk: number, offset: number, length: number, respond: Respond): void {
    const bytes = this.#host.chunkBytes(chunk)
    if (
      bytes === undefined ||
      length < 1 ||
      length > MAX_BLOCK_BYTES ||
      offset < 0 ||
      offset + length > bytes
    )
      return this.#host.broken()
    if (this.#blockCount >= this.#host.mostBlocks) return respond(new Error('too many requests'))
    this.#blockCount++
    let upload = this.#uploads.get(chunk)
    if (!upload) {
      upload = {
        chunk,
        requestId: 0,
        blocks: [],
        data: undefined,
        sentBytes: 0,
        leavesAt: 0,
        idle: undefined,
      }
      this.#uploads.set(chunk, upload)
    }
    clearTimeout(upload.idle)
    upload.blocks.push({ offset, length, respond })
    this.#ask()
    this.pump()
  }

  cancel(chunk: number, offset: number, length: number): void {
    const upload = this.#uploads.get(chunk)
    const at = upload?.blocks.findIndex((block) => block.offset === offset && block.length === length) ?? -1
    if (!upload || at < 0) return
    upload.blocks.splice(at, 1)
    this.#blockCount--
    if (upload.blocks.length > 0) return
    if (upload.data) this.#restUntilIdle(upload)
    else this.#drop(upload)
  }

  /** The owner hands over a chunk that was asked for. */
  serve(requestId: number, data: Uint8Array): void {
    const upload = this.#find(requestId)
    if (!upload) return this.#host.sent(requestId, 0)
    upload.data = data
    this.pump()
  }

  /** The owner stops to send a chunk. */
  abort(requestId: number): void {
    const upload = this.#find(requestId)
    if (upload) upload.data = undefined
  }

  /** The owner refuses a chunk, or has stopped to send it. */
  refused(requestId: number): void {
    const upload = this.#find(requestId)
    if (!upload) return
    upload.requestId = 0
    upload.data = undefined
    if (this.#host.hearsBusy()) return this.#reject(upload)
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#ask()
    }, RETRY_MS)
  }

  /** The other side is choked: what waits is dropped. */
  choked(): void {
    const uploads = [...this.#uploads.values()]
    this.close()
    for (const { data, requestId, sentBytes } of uploads) if (data) this.#host.sent(requestId, sentBytes)
  }

  /** Hands blocks over while the stream takes them, chunks by turns; tells of chunks that have left. */
  pump(): void {
    let room = this.#host.room()
    for (let moved = true; moved && room > 0;) {
      moved = false
      for (const upload of this.#uploads.values()) {
        const block = upload.data && upload.blocks.shift()
        if (!block) continue
        this.#send(upload, block)
        room -= block.length
        moved = true
        if (room <= 0) break
      }
    }
  }

  /** Bytes have left: tells of chunks that are done. */
  left(): void {
    for (const upload of this.#uploads.values())
      if (this.#isWhole(upload) && this.#host.leftBytes() >= upload.leavesAt) this.#finish(upload)
    this.pump()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    for (const { idle } of this.#uploads.values()) clearTimeout(idle)
    this.#uploads.clear()
    this.#blockCount = 0
  }

  /** Requests that the owner has taken and that are not done. */
  get taken(): number[] {
    return [...this.#uploads.values()].filter(({ data }) => data).map(({ requestId }) => requestId)
  }

  #send(upload: Upload, { offset, length, respond }: Block): void {
    this.#blockCount--
    upload.sentBytes += length
    respond(null, upload.data!.subarray(offset, offset + length))
    upload.leavesAt = this.#host.handedBytes()
    if (upload.blocks.length === 0) this.#restUntilIdle(upload)
  }

  #isWhole({ data, sentBytes, blocks }: Upload): boolean {
    return data !== undefined && sentBytes >= data.length && blocks.length === 0
  }

  /** More of the chunk may be asked for; if not, the slot goes to others. */
  #restUntilIdle(upload: Upload): void {
    clearTimeout(upload.idle)
    upload.idle = setTimeout(() => this.#finish(upload), IDLE_MS)
  }

  #ask(): void {
    const most = this.#host.hearsBusy() ? Infinity : this.#host.mostUploads
    let asked = 0
    for (const upload of this.#uploads.values()) {
      if (asked >= most) break
      asked++
      if (upload.requestId !== 0) continue
      upload.requestId = this.#nextRequestId++
      this.#host.asks(upload.requestId, upload.chunk)
    }
  }

  #reject(upload: Upload): void {
    this.#uploads.delete(upload.chunk)
    this.#blockCount -= upload.blocks.length
    for (const { respond } of upload.blocks) respond(new Error('busy'))
  }

  #finish(upload: Upload): void {
    clearTimeout(upload.idle)
    if (this.#uploads.get(upload.chunk) !== upload) return
    this.#uploads.delete(upload.chunk)
    this.#host.sent(upload.requestId, upload.sentBytes)
    this.#ask()
  }

  #drop(upload: Upload): void {
    this.#uploads.delete(upload.chunk)
    if (upload.requestId !== 0) this.#host.cancels(upload.requestId)
    this.#ask()
  }

  #find(requestId: number): Upload | undefined {
    for (const upload of this.#uploads.values()) if (upload.requestId === requestId) return upload
    return undefined
  }
}
