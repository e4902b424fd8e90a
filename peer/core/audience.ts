import type { ChunkDemand, ChunkRange } from './chunk-demand.ts'
import type { PlaybackDemand } from './playback-demand.ts'
import type { Player } from './player.ts'

/** Somebody who plays a content, from a position of their own. */
export interface Listener {
  readonly player: Player
  readonly demand: PlaybackDemand
}

/** However short a chunk plays, so many behind what is missing next are worth finishing. */
const LEAST_KEPT = 16
/** Media that far behind what is missing next is worth finishing. */
const KEPT_MS = 30_000

/**
 * What several players of one content want together: the demand of the one whose next missing chunk is due first; of
 * those that wait equally, of the one that was served longest ago. When all of them have all that they will play, or
 * nobody plays, the rest of the content in order.
 */
export class Audience implements ChunkDemand {
  readonly order = 'in-order'
  readonly #all: ChunkRange
  /** In the order in which they were served, longest ago first. */
  readonly #listeners: Listener[] = []
  /** Whoever played last and has stopped: what it would have wanted next is fetched ahead. */
  #last: Listener | undefined

  constructor(chunkCount: number) {
    this.#all = { start: 0, end: chunkCount }
  }

  get size(): number {
    return this.#listeners.length
  }

  add(listener: Listener): void {
    this.#last?.demand.stop()
    this.#last = undefined
    this.#listeners.push(listener)
  }

  /** The listener plays no more. */
  remove(listener: Listener): void {
    const at = this.#listeners.indexOf(listener)
    if (at < 0) return
    this.#listeners.splice(at, 1)
    listener.player.pause()
    if (this.#listeners.length > 0) return listener.demand.stop()
    this.#last = listener
  }

  /** A chunk has been kept: who waited for it stands back for those who wait as well. */
  served(chunk: number): void {
    const at = this.#listeners.findIndex(({ player }) => player.firstMissing === chunk)
    if (at >= 0) this.#listeners.push(...this.#listeners.splice(at, 1))
    for (const { player } of this.#listeners) player.chunkKept(chunk)
    this.#last?.player.chunkKept(chunk)
  }

  stop(): void {
    for (const { player, demand } of this.#listeners) {
      player.stop()
      demand.stop()
    }
    this.#last?.demand.stop()
    this.#listeners.length = 0
    this.#last = undefined
  }

  get wantsPeers(): boolean {
    return true
  }

  get window(): ChunkRange {
    return this.#leading?.demand.window ?? this.#all
  }

  get urgent(): ChunkRange {
    return this.#leading?.demand.urgent ?? { start: 0, end: 0 }
  }

  get rescues(): boolean {
    return this.#leading?.demand.rescues ?? false
  }

  get originFetches(): number {
    return this.#leading?.demand.originFetches ?? 0
  }

  get pausesUploads(): boolean {
    return this.#listeners.some(({ demand }) => demand.pausesUploads)
  }

  keeps(chunk: number): boolean {
    return this.#everybody.some(({ player }) => {
      const { firstMissing, timeline } = player
      const end = timeline.endAt(timeline.startMs(firstMissing) + KEPT_MS)
      return chunk >= firstMissing && chunk < Math.max(end, firstMissing + LEAST_KEPT)
    })
  }

  deadlineMs(chunk: number): number {
    let atMs = NaN
    for (const { demand, player } of this.#listeners) {
      if (chunk < player.firstMissing) continue
      const deadlineMs = demand.deadlineMs(chunk)
      if (!(deadlineMs >= atMs)) atMs = deadlineMs
    }
    return atMs
  }

  get #everybody(): readonly Listener[] {
    return this.#last ? [this.#last] : this.#listeners
  }

  get #leading(): Listener | undefined {
    let leading: Listener | undefined
    let leastMs = Infinity
    for (const listener of this.#everybody) {
      if (!listener.demand.wantsPeers) continue
      const dueMs = listener.demand.deadlineMs(listener.player.firstMissing)
      if (leading && !(dueMs < leastMs)) continue
      leading = listener
      leastMs = Number.isNaN(dueMs) ? Infinity : dueMs
    }
    return leading
  }
}
