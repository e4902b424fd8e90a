import type { ChunkSet } from '../protocol/chunk-set.ts'
import { LIMITS } from '../protocol/limits.ts'
import type {
  Candidates,
  ChunkHeader,
  FetchResult,
  Load,
  Message,
  PeerMessage,
} from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler } from '../ports/network.ts'
import type { PeerPorts } from '../ports/ports.ts'
import { Choker } from './choker.ts'
import { ChunkPicker } from './chunk-picker.ts'
import { Downloader, type DownloaderHost } from './downloader.ts'
import type { Fetch } from './fetch.ts'
import { Neighbour } from './neighbour.ts'
import { Neighbourhood } from './neighbourhood.ts'
import type { PeerOptions } from './options.ts'
import { NeighbourFigures } from './neighbour-figures.ts'
import { recordFetch } from './outcome-log.ts'
import { PeerBook } from './peer-book.ts'
import { SeedSelector } from './seed-selector.ts'
import { PeerStats } from './stats.ts'
import { TrackerClient } from './tracker-client.ts'
import { Uploader } from './uploader.ts'

/** One peer of one swarm: fetches the content's chunks from others and serves those it holds. */
export class Peer implements LinkHandler {
  /** The chunks that this peer holds, verified. */
  readonly have: ChunkSet
  readonly stats = new PeerStats()
  readonly #ports: PeerPorts
  readonly #options: PeerOptions
  readonly #book: PeerBook
  readonly #links: Neighbourhood
  readonly #picker: ChunkPicker
  readonly #figures = new NeighbourFigures()
  readonly #downloader: Downloader
  readonly #uploader: Uploader
  readonly #choker: Choker
  readonly #tracker: TrackerClient
  #isStopped = false

  constructor(ports: PeerPorts, options: PeerOptions) {
    const { clock, network, random, store, ranker, recorder } = ports
    const { settings, peerId } = options
    this.#ports = ports
    this.#options = options
    this.have = store.initial.clone()
    this.#book = new PeerBook(peerId, settings.maxKnownCandidates)
    this.#links = new Neighbourhood(clock, network, options, this.#book, {
      wantsMore: () => !this.have.isFull,
      joined: (neighbour) => this.#joined(neighbour),
      left: (neighbour) => this.#left(neighbour),
    })
    this.#uploader = new Uploader(network, store, settings, this.have, this.stats)
    this.#choker = new Choker(clock, network, settings, this.#uploader)
    this.#picker = new ChunkPicker(this.have, settings.chunkOrder, random.fork('chunks'))
    const { held } = this.#picker
    const selector = new SeedSelector(
      ranker,
      recorder,
      random.fork('candidates'),
      options,
      held,
      this.#figures,
    )
    this.#downloader = new Downloader(
      clock,
      network,
      store,
      options,
      this.#picker,
      selector,
      this.#figures,
      this.#downloaderHost(),
    )
    this.#tracker = new TrackerClient(clock, network, random.fork('announce'), options, {
      have: this.have,
      stats: this.stats,
      load: () => this.#uploader.load(),
      wanted: () => this.#wantedCandidates(),
      candidates: (answer) => this.#learn(answer),
    })
    network.attach(this)
  }

  get isComplete(): boolean {
    return this.have.isFull
  }

  get neighbourCount(): number {
    return this.#links.list.length
  }

  /** What this peer says of its own upload load. */
  get load(): Load {
    return this.#uploader.load()
  }

  /** Joins the swarm. */
  start(): void {
    this.#tracker.announce('started')
  }

  /** Leaves the swarm in order: running fetches end as cancelled, the tracker and all neighbours are told. */
  leave(): void {
    if (this.#isStopped) return
    this.#downloader.stop()
    this.#isStopped = true
    this.#choker.stop()
    this.#uploader.clear()
    this.#tracker.leave()
    this.#links.closeAll()
  }

  /** Stops at once without a word to anyone; running fetches are recorded as cancelled. */
  crash(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#downloader.stop()
    this.#choker.stop()
    this.#uploader.clear()
    this.#tracker.stop()
    this.#links.clear()
  }

  linkUp(link: Link, incoming: boolean): void {
    if (this.#isStopped) return
    if (this.#tracker.owns(link)) this.#tracker.linkUp()
    else this.#links.linkUp(link, incoming)
  }

  linkDown(link: Link, _reason: LinkDownReason): void {
    if (this.#isStopped) return
    if (this.#tracker.owns(link)) return this.#tracker.linkDown()
    this.#links.linkDown(link)
    this.#links.dialMore()
  }

  message(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (this.#isStopped) return
    const neighbour = link.context
    if (neighbour instanceof Neighbour) return this.#hear(neighbour, message)
    if (message.type === 'handshake') this.#links.shake(link, message)
    else if (this.#tracker.owns(link)) {
      if (message.type === 'candidates') this.#tracker.answered(message)
    } else this.#ports.network.close(link)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    if (this.#isStopped || !(link.context instanceof Neighbour)) return
    this.#hearLoad(link.context, header)
    this.#downloader.chunkBegins(link.context, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    if (this.#isStopped || !(link.context instanceof Neighbour)) return
    this.#downloader.chunkArrived(link.context, header, body)
  }

  chunkSent(link: Link, requestId: number, sent: boolean): void {
    if (this.#isStopped || !(link.context instanceof Neighbour)) return
    this.#uploader.sent(link.context, requestId, sent)
  }

  #hear(neighbour: Neighbour, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'have':
        this.#hearLoad(neighbour, message)
        return this.#hearHave(neighbour, message.chunk)
      case 'bitfield':
        return this.#hearBitfield(neighbour, message.chunks)
      case 'interested':
        return this.#hearInterest(neighbour, message.interested)
      case 'choke':
        neighbour.chokedByIt = true
        return this.#downloader.choked(neighbour)
      case 'unchoke':
        neighbour.chokedByIt = false
        this.#hearLoad(neighbour, message)
        return this.#downloader.pump()
      case 'request':
        return this.#uploader.request(neighbour, message)
      case 'cancel':
        return this.#uploader.cancel(neighbour, message.requestId)
      case 'busy':
        this.#hearLoad(neighbour, message)
        return this.#downloader.refused(neighbour, message.requestId, message.active, message.queued)
      default:
        return this.#links.drop(neighbour)
    }
  }

  #hearLoad({ row }: Neighbour, { active, queued }: Load): void {
    this.#figures.hearLoad(row, active, queued, this.#ports.clock.nowMs())
  }

  #hearHave(neighbour: Neighbour, chunk: number): void {
    if (chunk >= this.have.size) return this.#links.drop(neighbour)
    if (!this.#picker.heard(neighbour, chunk) || this.have.has(chunk)) return
    this.#becomeInterested(neighbour)
    if (!this.#downloader.hasRoom || !this.#picker.isWanted(chunk)) return
    if (this.#downloader.canAsk(neighbour, this.#ports.clock.nowMs())) this.#downloader.pump()
  }

  #hearBitfield(neighbour: Neighbour, chunks: ChunkSet): void {
    if (neighbour.bitfieldHeard || chunks.size !== this.have.size) return this.#links.drop(neighbour)
    neighbour.bitfieldHeard = true
    chunks.forEach((chunk) => this.#picker.heard(neighbour, chunk))
    if (this.have.lacksSomeOf(chunks)) this.#becomeInterested(neighbour)
    else if (this.have.isFull && chunks.isFull && !neighbour.known.isOrigin) this.#links.drop(neighbour)
  }

  /** Two peers that hold everything have no more use for each other. */
  #hearInterest(neighbour: Neighbour, interested: boolean): void {
    this.#choker.interest(neighbour, interested)
    if (!interested && this.have.isFull) this.#links.drop(neighbour)
  }

  #becomeInterested(neighbour: Neighbour): void {
    if (!neighbour.interesting) this.#setInterest(neighbour, true)
  }

  /** Once the other side is interesting, its further chunks change nothing between them. */
  #setInterest(neighbour: Neighbour, interested: boolean): void {
    neighbour.interesting = interested
    neighbour.link.newsCanWait = interested || this.have.isFull
    this.#ports.network.send(neighbour.link, { type: 'interested', interested })
  }

  #joined(neighbour: Neighbour): void {
    this.#picker.join(neighbour)
    this.#figures.join(neighbour)
    neighbour.link.newsCanWait = this.have.isFull
    if (this.have.count === 0) return
    this.#ports.network.send(neighbour.link, { type: 'bitfield', chunks: this.have.clone() })
  }

  #left(neighbour: Neighbour): void {
    this.#figures.leave(neighbour)
    this.#picker.forget(neighbour)
    this.#uploader.forget(neighbour)
    this.#choker.forget(neighbour)
    this.#downloader.lost(neighbour)
  }

  #learn(answer: Candidates): void {
    this.#book.learn(answer, this.#ports.clock.nowMs())
    if (this.have.isFull) return
    this.#links.dialMore()
    this.#downloader.pump()
  }

  #wantedCandidates(): number {
    const { wantedCandidates, targetNeighbours } = this.#options.settings
    if (this.have.isFull || this.#links.list.length >= targetNeighbours) return 0
    return Math.min(wantedCandidates, LIMITS.candidates)
  }

  #downloaderHost(): DownloaderHost {
    return {
      neighbours: this.#links.list,
      have: this.have,
      stats: this.stats,
      origin: () => this.#origin(),
      knowsOthers: () => this.#book.dialOrder.length > 0 || this.#links.list.some((n) => !n.known.isOrigin),
      ended: (fetch, result, bytes) => this.#ended(fetch, result, bytes),
      kept: (chunk) => this.#kept(chunk),
      ban: (neighbour) => {
        neighbour.known.banned = true
        this.#links.drop(neighbour)
      },
    }
  }

  #origin(): Neighbour | undefined {
    for (const known of this.#book.origins) {
      if (known.neighbour) return known.neighbour
      if (known.nextDialMs <= this.#ports.clock.nowMs() && this.#links.dial(known)) return undefined
    }
    return undefined
  }

  #ended(fetch: Fetch, result: FetchResult, bytes: number): void {
    const { clock, ranker, recorder } = this.#ports
    const nowMs = clock.nowMs()
    const durationMs = Math.fround(nowMs - fetch.decidedMs)
    recordFetch(recorder, ranker, this.#options, fetch, result, bytes, nowMs)
    this.#tracker.report({ seedId: fetch.neighbour.known.peerId, result, bytes, durationMs })
    this.#options.onFetchEnd?.(result, nowMs - fetch.decidedMs)
  }

  /** Tells those neighbours of a new chunk that, as far as known, lack it: the others have no use for the news. */
  #kept(chunk: number): void {
    const have: PeerMessage = {
      type: 'have',
      chunk,
      active: this.#uploader.activeCount,
      queued: this.#uploader.queuedCount,
    }
    const { held } = this.#picker
    for (const neighbour of this.#links.list)
      if (!held.has(neighbour.row, chunk)) this.#ports.network.send(neighbour.link, have)
    this.#options.onChunk?.(chunk)
    if (this.have.isFull) this.#completed()
    else this.#loseInterest(chunk)
  }

  #loseInterest(chunk: number): void {
    const { held } = this.#picker
    for (const neighbour of this.#links.list)
      if (neighbour.interesting && held.has(neighbour.row, chunk) && !held.exceeds(neighbour.row, this.have))
        this.#setInterest(neighbour, false)
  }

  #completed(): void {
    for (const neighbour of this.#links.list.slice())
      if (this.#picker.held.isFull(neighbour.row)) this.#links.drop(neighbour)
      else this.#setInterest(neighbour, false)
    this.#tracker.announce('completed')
    this.#options.onComplete?.()
  }
}
