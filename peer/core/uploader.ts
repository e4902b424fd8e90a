import { LIMITS } from '../protocol/limits.ts'
import type { Load, Request } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Network } from '../ports/network.ts'
import type { Neighbour } from './neighbour.ts'
import type { PeerSettings } from './options.ts'
import type { PeerStats } from './stats.ts'
import type { SlotTaker, UploadSlots } from './upload-slots.ts'
import { removeAt, truncate } from './remove-from.ts'

/** Requesters need not have the same time-outs as this peer. */
const STUCK_FACTOR = 2

/** The chunks that a peer can hand out, by their numbers on the wire. */
export interface Shelf {
  has(chunk: number): boolean
  /** Reads a chunk that is there. `undefined` means that it can't be read any more. */
  read(chunk: number, done: (body: ChunkBody | undefined) => void): void
  /** A chunk could not be read: it is not there any more. */
  lost(chunk: number): void
}

interface Upload {
  readonly neighbour: Neighbour
  readonly requestId: number
  readonly chunk: number
  bytes: number
  startedMs: number
}

/** Serves chunks: a number of slots, a bounded queue before them, `busy` for what fits in neither. */
export class Uploader implements SlotTaker {
  readonly #clock: Clock
  readonly #network: Network
  readonly #shelf: Shelf
  readonly #settings: PeerSettings
  readonly #stats: PeerStats
  readonly #slots: UploadSlots
  readonly #active: Upload[] = []
  #queue: Upload[] = []

  constructor(
    clock: Clock,
    network: Network,
    shelf: Shelf,
    settings: PeerSettings,
    stats: PeerStats,
    slots: UploadSlots,
  ) {
    this.#clock = clock
    this.#network = network
    this.#shelf = shelf
    this.#settings = settings
    this.#stats = stats
    this.#slots = slots
    slots.join(this)
  }

  /** Uploads under way on all slots: a node that shares them is as busy as all of its members together. */
  get activeCount(): number {
    return Math.min(this.#slots.taken, LIMITS.loadCounter)
  }

  get queuedCount(): number {
    return Math.min(this.#queue.length, LIMITS.loadCounter)
  }

  /** Chunks being sent, and requests that wait; not cut to what fits in a message. */
  get lengths(): { active: number; queued: number } {
    return { active: this.#active.length, queued: this.#queue.length }
  }

  load(): Load {
    return { active: this.activeCount, queued: this.queuedCount }
  }

  request(neighbour: Neighbour, { requestId, chunk }: Request): void {
    const { uploadQueue, uploadsPerNeighbour } = this.#settings
    if (!this.#slots.hasFree) this.#giveUpStuck()
    const fits = this.#slots.hasFree || this.#queue.length < uploadQueue
    const allowed = !neighbour.choked && neighbour.uploads < uploadsPerNeighbour
    if (!fits || !allowed || !this.#shelf.has(chunk)) return this.#refuse(neighbour, requestId)
    const upload: Upload = { neighbour, requestId, chunk, bytes: 0, startedMs: NaN }
    neighbour.uploads++
    if (this.#slots.hasFree) this.#start(upload)
    else this.#queue.push(upload)
  }

  cancel(neighbour: Neighbour, requestId: number): void {
    const waiting = find(this.#queue, neighbour, requestId)
    if (waiting >= 0) {
      removeAt(this.#queue, waiting)
      neighbour.uploads--
      return
    }
    if (this.#end(neighbour, requestId)) {
      this.#network.abortChunk(neighbour.link, requestId)
      this.#slots.give()
    }
  }

  /** Drops what waits for a neighbour; what is being sent goes on. */
  dropQueued(neighbour: Neighbour): void {
    neighbour.uploads -= removeOf(this.#queue, neighbour)
  }

  /** Forgets a neighbour whose link is gone. */
  forget(neighbour: Neighbour): void {
    if (neighbour.uploads === 0) return
    removeOf(this.#queue, neighbour)
    const given = removeOf(this.#active, neighbour)
    if (given > 0) this.#slots.give(given)
  }

  isServing(neighbour: Neighbour): boolean {
    return this.#active.some((upload) => upload.neighbour === neighbour)
  }

  sent(neighbour: Neighbour, requestId: number, sent: boolean, bytes?: number): void {
    const upload = this.#end(neighbour, requestId)
    if (!upload) return
    if (sent) this.#stats.uploadedBytes += bytes ?? upload.bytes
    this.#slots.give()
  }

  /** Whether to start no upload for now; what is being sent goes on. */
  pause(isPaused: boolean): void {
    this.#slots.pause(this, isPaused)
  }

  clear(): void {
    this.#queue = []
    const { length } = this.#active
    this.#active.length = 0
    this.#slots.leave(this)
    if (length > 0) this.#slots.give(length)
  }

  slotFree(): void {
    while (this.#slots.hasFree && this.#queue.length > 0) this.#start(this.#queue.shift()!)
  }

  #start(upload: Upload): void {
    this.#active.push(upload)
    upload.startedMs = this.#clock.nowMs()
    this.#slots.take()
    const { neighbour, requestId, chunk } = upload
    this.#shelf.read(chunk, (body) => {
      if (!this.#active.includes(upload)) return
      if (!body) {
        this.#shelf.lost(chunk)
        this.#end(neighbour, requestId)
        this.#refuse(neighbour, requestId)
        return this.#slots.give()
      }
      upload.bytes = body.bytes
      this.#network.sendChunk(
        neighbour.link,
        { type: 'chunk', requestId, chunk, bytes: body.bytes, ...this.load() },
        body,
      )
    })
  }

  /** Whoever takes longer over a chunk than any fetch may last has given it up, or keeps the slot from others. */
  #giveUpStuck(): void {
    const sinceMs = this.#clock.nowMs() - STUCK_FACTOR * this.#settings.maxFetchTimeoutMs
    // Those under way stand in the order in which they began.
    if (this.#active.length === 0 || this.#active[0].startedMs >= sinceMs) return
    const stuck = this.#active.filter(({ startedMs }) => startedMs < sinceMs)
    for (const { neighbour, requestId } of stuck) {
      this.#end(neighbour, requestId)
      this.#network.abortChunk(neighbour.link, requestId)
      this.#refuse(neighbour, requestId)
    }
    if (stuck.length > 0) this.#slots.give(stuck.length)
  }

  #end(neighbour: Neighbour, requestId: number): Upload | undefined {
    const at = find(this.#active, neighbour, requestId)
    if (at < 0) return undefined
    const upload = this.#active[at]
    removeAt(this.#active, at)
    neighbour.uploads--
    return upload
  }

  #refuse(neighbour: Neighbour, requestId: number): void {
    this.#network.send(neighbour.link, { type: 'busy', requestId, ...this.load() })
  }
}

function find(uploads: readonly Upload[], neighbour: Neighbour, requestId: number): number {
  for (let i = 0; i < uploads.length; i++)
    if (uploads[i].requestId === requestId && uploads[i].neighbour === neighbour) return i
  return -1
}

/** Takes those of a neighbour off a list; returns how many they were. */
function removeOf(uploads: Upload[], neighbour: Neighbour): number {
  let kept = 0
  for (const upload of uploads) if (upload.neighbour !== neighbour) uploads[kept++] = upload
  const removed = uploads.length - kept
  truncate(uploads, kept)
  return removed
}
