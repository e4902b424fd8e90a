import { ChunkSet } from '../protocol/chunk-set.ts'
import { fullNumber, serialOf } from '../protocol/serial.ts'
import type { Window } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Timer } from '../ports/clock.ts'
import { ChunkRing } from './chunk-ring.ts'
import { type LiveOptions, type LivePorts, windowChunksOf } from './live-options.ts'
import type { Neighbour } from './neighbour.ts'
import type { PeerSettings } from './options.ts'
import { SwarmMember } from './swarm-member.ts'
import type { Shelf } from './uploader.ts'

/** How long a member that is short of neighbours waits before it asks again, in first announce pauses. */
const SEEK_FACTOR = 2

/** What viewers and sources of a live stream have in common: the chunks of a window, handed out and told of. */
export abstract class LiveMember extends SwarmMember {
  protected readonly ring: ChunkRing
  readonly #ports: LivePorts
  readonly #settings: PeerSettings
  readonly #newsMs: number
  /** Neighbours that know of no chunk of this member: the first news names a full number. */
  readonly #untold = new Set<Neighbour>()
  /** News that waits to be told. */
  #pending: number[] = []
  #newsTimer: Timer | undefined
  /** Before when the tracker is not asked for neighbours out of turn. */
  #nextSeekMs: number

  /** The tracker takes members for peers that hold all or nothing: sources hold all. */
  constructor(ports: LivePorts, options: LiveOptions, announced: ChunkSet) {
    const ring = new ChunkRing(windowChunksOf(options))
    // Whoever asks gives up after this time: an upload that takes much longer goes to somebody who has gone.
    const settings = { ...options.settings, maxFetchTimeoutMs: options.live.fetchTimeoutMs }
    super(ports, { ...options, settings }, shelfOf(ring), announced)
    this.ring = ring
    this.#ports = ports
    this.#settings = options.settings
    this.#newsMs = options.live.newsMs
    this.#nextSeekMs = ports.clock.nowMs() + SEEK_FACTOR * options.settings.announceBackoffMs
  }

  /** Chunks that are kept now. */
  get heldCount(): number {
    return this.ring.count
  }

  protected override halt(): void {
    if (this.#newsTimer !== undefined) this.#ports.clock.clearTimer(this.#newsTimer)
    this.#newsTimer = undefined
  }

  protected override joined(neighbour: Neighbour): void {
    if (this.ring.count > 0) this.tellWindow(neighbour)
    else this.#untold.add(neighbour)
  }

  protected override left(neighbour: Neighbour): void {
    this.#untold.delete(neighbour)
  }

  /** Whether a neighbour is known to hold a chunk: it has no use for the news. */
  protected abstract knows(neighbour: Neighbour, number: number): boolean

  /** Keeps a new chunk, and tells the neighbours of it now or together with others. Returns whether it was kept. */
  protected keep(number: number, body: ChunkBody): boolean {
    if (!this.ring.add(number, body)) return false
    if (this.#newsMs <= 0) this.#tellOne(number)
    else {
      this.#pending.push(number)
      this.#newsTimer ??= this.#ports.clock.setTimer(this.#newsMs, () => this.#tellPending())
    }
    return true
  }

  /** Asks the tracker for others before it is time to, where so few neighbours are left that the stream may pass by. */
  protected seekNeighbours(): void {
    const nowMs = this.#ports.clock.nowMs()
    const { targetNeighbours, announceBackoffMs } = this.#settings
    if (this.links.list.length >= targetNeighbours / 2 || nowMs < this.#nextSeekMs) return
    this.#nextSeekMs = nowMs + SEEK_FACTOR * announceBackoffMs
    this.tracker.announce()
  }

  /** Tells a neighbour of all chunks that are held. */
  protected tellWindow(neighbour: Neighbour): void {
    const { first, end, newest } = this.ring
    const numbers: number[] = []
    for (let number = first; number < end && number <= newest; number++)
      if (this.ring.has(number)) numbers.push(number)
    if (numbers.length === 0) return
    this.#untold.delete(neighbour)
    this.#ports.network.send(neighbour.link, this.#window(numbers))
  }

  #tellOne(number: number): void {
    const { network } = this.#ports
    const { activeCount: active, queuedCount: queued } = this.uploader
    const have = { type: 'have', chunk: serialOf(number), active, queued } as const
    for (const neighbour of this.links.list)
      if (this.#untold.has(neighbour)) this.tellWindow(neighbour)
      else if (!this.knows(neighbour, number)) network.send(neighbour.link, have)
  }

  #tellPending(): void {
    this.#newsTimer = undefined
    const numbers = this.#pending.filter((number) => this.ring.has(number))
    this.#pending = []
    if (numbers.length === 0) return
    const news = this.#window(numbers)
    for (const neighbour of this.links.list)
      if (this.#untold.has(neighbour)) this.tellWindow(neighbour)
      else if (!numbers.every((number) => this.knows(neighbour, number)))
        this.#ports.network.send(neighbour.link, news)
  }

  #window(numbers: readonly number[]): Window {
    let first = Infinity
    let last = -1
    for (const number of numbers) {
      first = Math.min(first, number)
      last = Math.max(last, number)
    }
    const chunks = new ChunkSet(last - first + 1)
    for (const number of numbers) chunks.add(number - first)
    return { type: 'window', first, chunks, ...this.load }
  }
}

/** The window's chunks by their numbers on the wire. */
function shelfOf(ring: ChunkRing): Shelf {
  const numberOf = (chunk: number): number => fullNumber(chunk, ring.first)
  return {
    has: (chunk) => ring.has(numberOf(chunk)),
    read: (chunk, done) => done(ring.get(numberOf(chunk))),
    // A chunk that waited for its slot has left the window since: that is known already.
    lost: () => {},
  }
}
