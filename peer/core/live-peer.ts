import { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkHeader, Message, Window } from '../protocol/messages.ts'
import { fullNumber } from '../protocol/serial.ts'
import { chunkIntervalMs } from '../protocol/stream.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Timer } from '../ports/clock.ts'
import type { ChunkFetcher } from './chunk-fetcher.ts'
import { type FetchRange, LiveFetcher } from './live-fetcher.ts'
import { LiveMember } from './live-member.ts'
import { chunksIn, type LivePeerOptions, type LivePorts, windowChunksOf } from './live-options.ts'
import { LivePicker } from './live-picker.ts'
import { LivePlayback } from './live-playback.ts'
import type { Neighbour } from './neighbour.ts'
import { SeedSelector } from './seed-selector.ts'
import { WindowTable } from './window-table.ts'

/** A viewer of a live stream: pulls the chunks of a window that moves with the stream, plays them, and serves others. */
export class LivePeer extends LiveMember {
  readonly playback: LivePlayback
  readonly #ports: LivePorts
  readonly #options: LivePeerOptions
  readonly #table: WindowTable
  readonly #picker: LivePicker
  readonly #fetcher: LiveFetcher
  readonly #windowChunks: number
  readonly #startChunks: number
  readonly #keepChunks: number
  readonly #resyncMs: number
  #tickTimer: Timer | undefined
  /** Whether the table has been moved to where the stream seems to be. */
  #isPlaced = false

  constructor(ports: LivePorts, options: LivePeerOptions) {
    super(ports, options, new ChunkSet(1))
    const { random, ranker, recorder } = ports
    const { manifest, live } = options
    this.#ports = ports
    this.#options = options
    this.#windowChunks = windowChunksOf(options)
    this.#startChunks = chunksIn(manifest, live.startBufferMs)
    this.#resyncMs = Math.max(live.resyncMs, chunkIntervalMs(manifest))
    this.#keepChunks = live.keepPlayedMs > 0 ? chunksIn(manifest, live.keepPlayedMs) : 0
    this.#table = new WindowTable(this.#windowChunks)
    this.#picker = new LivePicker(live.chunkChoice, random.fork('chunks'), this.ring, this.#table)
    this.playback = new LivePlayback(
      this.ring,
      chunkIntervalMs(manifest),
      this.#startChunks,
      live.startPatienceMs,
      {
        started: (first) => options.onStart?.(first),
        played: (number, body) => options.onPlay?.(number, body),
      },
    )
    const selector = new SeedSelector(
      ranker,
      recorder,
      random.fork('candidates'),
      options,
      this.#table,
      this.neighbours,
    )
    this.#fetcher = new LiveFetcher(ports, options, this.#picker, selector, this.#table, this.neighbours, {
      neighbours: this.links.list,
      stats: this.stats,
      range: (marginMs) => this.#range(marginMs),
      ended: (fetch, result, bytes) => {
        fetch.deadlineMs = this.playback.dueMs(fetch.chunk)
        this.fetchEnded(fetch, result, bytes)
      },
      verified: (number, body) => this.#verified(number, body),
      ban: (neighbour) => this.ban(neighbour),
      giveUp: (neighbour) => {
        this.links.drop(neighbour)
        this.links.dialMore()
      },
    })
  }

  protected override get fetcher(): ChunkFetcher {
    return this.#fetcher
  }

  override start(): void {
    super.start()
    this.#planTick()
  }

  protected override halt(): void {
    super.halt()
    if (this.#tickTimer !== undefined) this.#ports.clock.clearTimer(this.#tickTimer)
    this.#fetcher.stop()
  }

  protected override wantsNeighbours(): boolean {
    return true
  }

  protected override joined(neighbour: Neighbour): void {
    this.#table.open(neighbour.row)
    this.#ports.network.send(neighbour.link, { type: 'interested', interested: true })
    super.joined(neighbour)
  }

  protected override left(neighbour: Neighbour): void {
    super.left(neighbour)
    this.#table.clear(neighbour.row)
  }

  /** Sources are dialled like other candidates: those that have room let this peer in. */
  protected override learned(): void {
    this.links.dialMore()
    const { maxNeighbours } = this.#options.settings
    for (const known of this.book.origins)
      if (this.links.list.length < maxNeighbours && known.nextDialMs <= this.#ports.clock.nowMs())
        this.links.dial(known)
    this.#fetcher.pump()
  }

  protected override knows(neighbour: Neighbour, number: number): boolean {
    return this.#table.has(neighbour.row, number)
  }

  protected override hear(neighbour: Neighbour, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'have':
        this.hearLoad(neighbour, message)
        return this.#hearHave(neighbour, message.chunk)
      case 'window':
        this.hearLoad(neighbour, message)
        return this.#hearWindow(neighbour, message)
      default:
        return super.hear(neighbour, message)
    }
  }

  /** A number on the wire means nothing before a window has told where in the stream the neighbour is. */
  #hearHave(neighbour: Neighbour, chunk: number): void {
    const newest = this.#table.newest(neighbour.row)
    if (newest < 0) return this.links.drop(neighbour)
    const number = fullNumber(chunk, newest)
    if (number < 0 || !this.#table.add(neighbour.row, number)) return
    if (!this.#fetcher.hasRoom || !this.#picker.isWanted(number)) return
    if (this.#fetcher.canAsk(neighbour.row, this.#ports.clock.nowMs())) this.#fetcher.pump()
  }

  #hearWindow(neighbour: Neighbour, { first, chunks }: Window): void {
    const last = first + chunks.size - 1
    if (!Number.isSafeInteger(last)) return this.links.drop(neighbour)
    if (!this.#isPlaced) this.#place(Math.max(0, last - (this.#windowChunks >> 1)))
    this.#table.addAll(neighbour.row, first, chunks)
    this.#fetcher.pump()
  }

  /** Moves the window to a part of the stream, where nothing is known yet. */
  #place(first: number): void {
    this.#isPlaced = true
    this.ring.reset(first)
    this.#table.reset(first)
  }

  /** What may be fetched: the start buffer before all else, then what can still come in time. */
  #range(marginMs: number): FetchRange {
    const { next, isPlaying } = this.playback
    const { end } = this.ring
    if (Number.isNaN(next)) return { from: 0, urgentEnd: 0, end: 0 }
    if (!isPlaying) return { from: next, urgentEnd: Math.min(end, next + this.#startChunks), end }
    const lateMs = this.#ports.clock.nowMs() + marginMs - this.playback.dueMs(next)
    const lateChunks = Math.max(0, Math.ceil(lateMs / chunkIntervalMs(this.#options.manifest)))
    return { from: next + lateChunks, urgentEnd: 0, end }
  }

  #verified(number: number, body: ChunkBody): boolean {
    this.playback.advance(this.#ports.clock.nowMs())
    if (!this.keep(number, body)) return false
    this.#options.onChunk?.(number, body)
    return true
  }

  #planTick(): void {
    this.#tickTimer = this.#ports.clock.setTimer(this.#options.live.tickMs, () => this.#tick())
  }

  #tick(): void {
    this.#planTick()
    this.seekNeighbours()
    const { playback } = this
    if (Number.isNaN(playback.next)) this.#join()
    else if (playback.isPlaying && playback.silentMs >= this.#resyncMs) this.#join()
    playback.advance(this.#ports.clock.nowMs())
    if (Number.isNaN(playback.next)) return
    const first = Math.max(0, playback.next - this.#keepChunks)
    this.ring.advance(first)
    this.#table.advance(first)
    this.#fetcher.tick(playback.next)
    this.#fetcher.pump()
  }

  /**
   * Chooses where to begin: a start buffer behind what the median neighbour has told of, so that few liars do no harm, but not
   * before what anybody has: a young stream has no past.
   */
  #join(): void {
    const newest = this.links.list
      .map(({ row }) => this.#table.newest(row))
      .filter((number) => number >= 0)
      .sort((a, b) => a - b)
    if (newest.length === 0) return
    const { playback } = this
    const at = newest[(newest.length - 1) >> 1]
    const from = Math.max(0, at - this.#startChunks + 1, playback.lastPlayed + 1)
    // Where the stream itself has stopped, there is nothing new to begin with.
    if (from > at) return
    if (from < this.ring.first || at >= this.ring.end) this.#place(Math.max(0, from - this.#keepChunks))
    this.#fetcher.cancelFrom(this.ring.end)
    const earliest = this.#table.earliest(from)
    playback.gather(earliest < 0 ? from : Math.min(earliest, at), this.#ports.clock.nowMs())
  }
}
