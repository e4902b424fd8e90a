import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkHeader, Have, Message } from '../protocol/messages.ts'
import type { ChunkStore } from '../ports/chunk-store.ts'
import type { PeerPorts } from '../ports/ports.ts'
import type { ChunkFetcher } from './chunk-fetcher.ts'
import type { ChunkDemand } from './chunk-demand.ts'
import { told } from './choice-lists.ts'
import { ChunkPicker } from './chunk-picker.ts'
import { Downloader, type DownloaderHost } from './downloader.ts'
import type { Neighbour } from './neighbour.ts'
import type { FailureReason, PeerOptions } from './options.ts'
import { Patience } from './patience.ts'
import { truncate } from './remove-from.ts'
import { SeedSelector } from './seed-selector.ts'
import { SwarmMember } from './swarm-member.ts'
import type { Shelf } from './uploader.ts'
import { WakeTimer } from './wake-timer.ts'

/** One peer of one swarm: fetches the content's chunks from others and serves those it holds. */
export class Peer extends SwarmMember {
  /** The chunks that this peer holds, verified. */
  readonly have: ChunkSet
  readonly #ports: PeerPorts
  readonly #options: PeerOptions
  readonly #picker: ChunkPicker
  readonly #downloader: Downloader
  readonly #patience: Patience
  readonly #originTimer: WakeTimer

  constructor(ports: PeerPorts, options: PeerOptions) {
    const { clock, network, random, store, ranker, recorder } = ports
    const { settings } = options
    const have = store.initial.clone()
    super(ports, options, shelfOf(store, have), have)
    this.#ports = ports
    this.#options = options
    this.have = have
    this.#picker = new ChunkPicker(have, settings.chunkOrder, random.fork('chunks'))
    const { held } = this.#picker
    const selector = new SeedSelector(
      ranker,
      recorder,
      random.fork('candidates'),
      options,
      held,
      this.neighbours,
    )
    this.#downloader = new Downloader(
      clock,
      network,
      store,
      options,
      this.#picker,
      selector,
      this.neighbours,
      this.#downloaderHost(),
    )
    this.#originTimer = new WakeTimer(clock, () => this.#downloader.pump())
    this.#patience = new Patience(clock, settings.giveUpMs, () => this.#giveUp())
  }

  override start(): void {
    super.start()
    if (this.have.isFull) return
    this.choker.isIndifferent = true
    this.#patience.start()
    // An origin that is known from the start serves even where no tracker ever answers.
    const { clock } = this.#ports
    const nowMs = clock.nowMs()
    if (this.book.origins.length > 0 && !this.#downloader.demand)
      this.#originTimer.plan(nowMs + this.#options.settings.originAfterMs, nowMs)
  }

  get isComplete(): boolean {
    return this.have.isFull
  }

  /** The chunks that are being fetched. Not to be changed from outside. */
  get fetching(): ChunkSet {
    return this.#picker.inflight
  }

  protected override get fetcher(): ChunkFetcher {
    return this.#downloader
  }

  /** From now on only what the demand names is wanted; its owner calls `demandChanged` when it changes. */
  set demand(demand: ChunkDemand) {
    this.#downloader.demand = demand
    this.demandChanged()
  }

  /** The demand may name other chunks now: looks for what can be fetched, and gives up what is not wanted any more. */
  demandChanged(): void {
    if (this.isStopped) return
    this.#pauseUploads()
    this.links.dialMore()
    this.#downloader.demandChanged()
  }

  protected override halt(): void {
    this.#patience.stop()
    this.#originTimer.stop()
    this.#downloader.stop()
  }

  protected override wantsNeighbours(): boolean {
    return !this.have.isFull && this.#downloader.demand?.wantsPeers !== false
  }

  protected override hear(neighbour: Neighbour, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'have':
        this.hearLoad(neighbour, message)
        return this.#hearHave(neighbour.row, message.chunk)
      case 'bitfield':
        return this.#hearBitfield(neighbour, message.chunks)
      case 'interested':
        return this.#hearInterest(neighbour, message.interested)
      default:
        return super.hear(neighbour, message)
    }
  }

  news(row: number, chunk: number, active: number, queued: number): void {
    if (this.isStopped) return
    this.neighbours.hearLoad(row, active, queued, this.#ports.clock.nowMs())
    this.#hearHave(row, chunk)
  }

  uninterested(row: number): void {
    if (!this.isStopped) this.#hearInterest(this.neighbours.neighbour(row), false)
  }

  #hearHave(row: number, chunk: number): void {
    if (chunk >= this.have.size) return this.links.drop(this.neighbours.neighbour(row))
    if (!this.#picker.heard(row, chunk) || this.have.has(chunk)) return
    this.#becomeInterested(row)
    if (!this.#downloader.hasRoom || !this.#picker.isWanted(chunk)) return
    if (this.#downloader.canAsk(row, this.#ports.clock.nowMs())) this.#downloader.pump()
  }

  #hearBitfield(neighbour: Neighbour, chunks: ChunkSet): void {
    if (neighbour.bitfieldHeard || chunks.size !== this.have.size) return this.links.drop(neighbour)
    neighbour.bitfieldHeard = true
    chunks.forEach((chunk) => this.#picker.heard(neighbour.row, chunk))
    if (this.have.lacksSomeOf(chunks)) this.#becomeInterested(neighbour.row)
    else if (this.have.isFull && chunks.isFull && !neighbour.known.isOrigin) this.links.drop(neighbour)
  }

  /** Two peers that hold everything have no more use for each other. */
  #hearInterest(neighbour: Neighbour, interested: boolean): void {
    this.choker.interest(neighbour, interested)
    if (!interested && this.have.isFull) this.links.drop(neighbour)
  }

  #becomeInterested(row: number): void {
    if (!this.neighbours.isInteresting(row)) this.#setInterest(this.neighbours.neighbour(row), true)
  }

  /** Once the other side is interesting, its further chunks change nothing between them. */
  #setInterest(neighbour: Neighbour, interested: boolean): void {
    this.neighbours.setInteresting(neighbour.row, interested)
    neighbour.link.newsCanWait = interested || this.have.isFull
    this.#ports.network.send(neighbour.link, { type: 'interested', interested })
  }

  protected override joined(neighbour: Neighbour): void {
    this.#picker.held.open(neighbour.row)
    neighbour.link.newsRow = neighbour.row
    neighbour.link.newsCanWait = this.have.isFull
    if (this.have.count === 0) return
    this.#ports.network.send(neighbour.link, { type: 'bitfield', chunks: this.have })
  }

  protected override left(neighbour: Neighbour): void {
    this.#picker.forget(neighbour.row)
  }

  protected override learned(): void {
    if (!this.wantsNeighbours()) return
    this.links.dialMore()
    this.#downloader.pump()
  }

  #downloaderHost(): DownloaderHost {
    return {
      have: this.have,
      stats: this.stats,
      origin: () => this.#origin(),
      knowsOthers: () => this.book.dialOrder.length > 0 || this.links.list.some((n) => !n.known.isOrigin),
      ended: (fetch, result, bytes) => this.fetchEnded(fetch, result, bytes),
      kept: (chunk) => this.#kept(chunk),
      ban: (neighbour) => this.ban(neighbour),
    }
  }

  #origin(): Neighbour | undefined {
    for (const known of this.book.origins) {
      if (known.neighbour) return known.neighbour
      if (known.nextDialMs <= this.#ports.clock.nowMs() && this.links.dial(known)) return undefined
    }
    return undefined
  }

  /** Tells those neighbours of a new chunk that, as far as known, lack it: the others have no use for the news. */
  #kept(chunk: number): void {
    const have: Have = {
      type: 'have',
      chunk,
      active: this.uploader.activeCount,
      queued: this.uploader.queuedCount,
    }
    this.#tell(have)
    this.#patience.progress()
    this.#options.onChunk?.(chunk)
    this.#pauseUploads()
    if (this.have.isFull) this.#completed()
    else this.#loseInterest(chunk)
  }

  #tell(have: Have): void {
    const { held } = this.#picker
    const { network } = this.#ports
    const { neighbours } = this
    if (!network.sendNews) {
      for (const row of neighbours.rows)
        if (!held.has(row, have.chunk)) network.send(neighbours.neighbour(row).link, have)
      return
    }
    let count = 0
    for (const row of neighbours.rows)
      if (!held.has(row, have.chunk)) told[count++] = neighbours.linkNumber(row)
    truncate(told, count)
    network.sendNews(told, have)
  }

  #pauseUploads(): void {
    const { demand } = this.#downloader
    if (demand) this.uploader.pause(demand.pausesUploads)
  }

  #loseInterest(chunk: number): void {
    const { held } = this.#picker
    const { neighbours } = this
    for (const row of neighbours.rows)
      if (neighbours.isInteresting(row) && held.has(row, chunk) && !held.exceeds(row, this.have))
        this.#setInterest(neighbours.neighbour(row), false)
  }

  #giveUp(): void {
    const isAlone = this.links.list.length === 0
    const isUntold = this.stats.answeredAnnounces === 0
    const reason: FailureReason = !isAlone ? 'no-chunks' : isUntold ? 'no-tracker' : 'no-peers'
    this.leave()
    this.#options.onFail?.(reason)
  }

  #completed(): void {
    this.choker.isIndifferent = false
    this.#patience.stop()
    for (const neighbour of this.links.list.slice())
      if (this.#picker.held.isFull(neighbour.row)) this.links.drop(neighbour)
      else this.#setInterest(neighbour, false)
    this.tracker.announce('completed')
    this.#options.onComplete?.()
  }
}

function shelfOf(store: ChunkStore, have: ChunkSet): Shelf {
  return {
    has: (chunk) => chunk < have.size && have.has(chunk),
    read: (chunk, done) => store.read(chunk, done),
    lost: (chunk) => have.delete(chunk),
  }
}
