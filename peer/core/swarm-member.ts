import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { Address, PeerId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { Candidates, ChunkHeader, FetchResult, Load, Message } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Link, LinkDownReason, LinkHandler } from '../ports/network.ts'
import type { MemberPorts } from '../ports/ports.ts'
import type { ChunkFetcher } from './chunk-fetcher.ts'
import { Choker } from './choker.ts'
import type { Fetch } from './fetch.ts'
import { Gossip } from './gossip.ts'
import { Neighbour } from './neighbour.ts'
import { NeighbourTable } from './neighbour-table.ts'
import { Neighbourhood } from './neighbourhood.ts'
import type { SwarmOptions } from './options.ts'
import { recordFetch } from './outcome-log.ts'
import { PeerBook } from './peer-book.ts'
import { PeerStats } from './stats.ts'
import { TrackerClient } from './tracker-client.ts'
import { UploadSlots } from './upload-slots.ts'
import type { MemberUsage } from './usage.ts'
import { type Shelf, Uploader } from './uploader.ts'

/**
 * What every member of a swarm does, whatever is shared there: it announces itself, keeps links to others, tells what
 * comes on them apart, and serves those who ask.
 */
export abstract class SwarmMember implements LinkHandler {
  readonly stats = new PeerStats()
  protected readonly book: PeerBook
  protected readonly links: Neighbourhood
  protected readonly neighbours = new NeighbourTable()
  protected readonly uploader: Uploader
  protected readonly choker: Choker
  protected readonly tracker: TrackerClient
  protected isStopped = false
  readonly #ports: MemberPorts
  readonly #options: SwarmOptions
  readonly #gossip: Gossip | undefined

  /** `announced` is what the tracker is told that this member holds. */
  constructor(ports: MemberPorts, options: SwarmOptions, shelf: Shelf, announced: ChunkSet) {
    const { clock, network, random } = ports
    const { settings, peerId } = options
    this.#ports = ports
    this.#options = options
    this.book = new PeerBook(peerId, settings.maxKnownCandidates)
    for (const origin of options.origins ?? [])
      this.book.meet(origin.peerId, origin.address, origin.region, true)
    this.links = new Neighbourhood(clock, network, options, this.book, {
      wantsMore: () => this.wantsNeighbours(),
      joined: (neighbour) => {
        this.neighbours.join(neighbour)
        this.joined(neighbour)
      },
      left: (neighbour) => this.#left(neighbour),
    })
    const slots = options.sharedSlots ?? new UploadSlots(settings.uploadSlots)
    this.uploader = new Uploader(clock, network, shelf, settings, this.stats, slots)
    this.choker = new Choker(clock, network, settings, this.uploader, this.neighbours)
    if (settings.gossipMs > 0) this.#gossip = new Gossip(clock, network, options, this.book, this.links.list)
    this.tracker = new TrackerClient(clock, network, random.fork('announce'), options, {
      have: announced,
      stats: this.stats,
      load: () => this.uploader.load(),
      wanted: () => this.#wantedCandidates(),
      candidates: (answer) => {
        this.book.learn(answer, clock.nowMs())
        this.learned(answer)
      },
    })
    network.attach(this)
  }

  get neighbourCount(): number {
    return this.links.list.length
  }

  get usage(): MemberUsage {
    const { active, queued } = this.uploader.lengths
    return {
      neighbours: this.neighbours.rows.length,
      pendingLinks: this.links.pendingCount,
      knownPeers: this.book.size,
      fetches: this.fetcher?.activeCount ?? 0,
      uploads: active,
      queuedUploads: queued,
      reports: this.tracker.queuedReports,
    }
  }

  /** What this member says of its own upload load. */
  get load(): Load {
    return this.uploader.load()
  }

  /** Hears of another peer in another way than from a tracker, where that one may not have heard of this one. */
  meet(peerId: PeerId, address: Address): void {
    if (this.isStopped || peerId === this.#options.peerId) return
    const known = this.book.introduce(peerId, address)
    if (this.wantsNeighbours()) this.links.dialMore()
    else if (this.links.list.length < this.#options.settings.targetNeighbours) this.links.dial(known)
  }

  /** Joins the swarm. */
  start(): void {
    this.tracker.announce('started')
  }

  /** Leaves the swarm in order: running fetches end as cancelled, the tracker and all neighbours are told. */
  leave(): void {
    if (this.isStopped) return
    this.#stop()
    this.tracker.leave()
    this.links.closeAll()
  }

  /** Stops at once without a word to anyone; running fetches are recorded as cancelled. */
  crash(): void {
    if (this.isStopped) return
    this.#stop()
    this.tracker.stop()
    this.links.clear()
  }

  linkUp(link: Link, incoming: boolean): void {
    if (this.isStopped) return
    if (this.tracker.owns(link)) this.tracker.linkUp()
    else this.links.linkUp(link, incoming)
  }

  linkDown(link: Link, _reason: LinkDownReason): void {
    if (this.isStopped) return
    if (this.tracker.owns(link)) return this.tracker.linkDown()
    this.links.linkDown(link)
    this.links.dialMore()
  }

  message(link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (this.isStopped) return
    const neighbour = link.context
    if (neighbour instanceof Neighbour) return this.hear(neighbour, message)
    if (message.type === 'handshake') this.links.shake(link, message)
    else if (this.tracker.owns(link)) {
      if (message.type === 'candidates') this.tracker.answered(message)
    } else this.#ports.network.close(link)
  }

  chunkBegins(link: Link, header: ChunkHeader): void {
    if (this.isStopped || !(link.context instanceof Neighbour)) return
    // Who asks for nothing was sent what nobody asked for.
    if (!this.fetcher) return this.links.drop(link.context)
    this.hearLoad(link.context, header)
    this.fetcher.chunkBegins(link.context, header)
  }

  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void {
    if (this.isStopped || !(link.context instanceof Neighbour)) return
    if (this.fetcher) this.fetcher.chunkArrived(link.context, header, body)
    else this.stats.wastedBytes += body.bytes
  }

  chunkSent(link: Link, requestId: number, sent: boolean, bytes?: number): void {
    if (this.isStopped || !(link.context instanceof Neighbour)) return
    this.uploader.sent(link.context, requestId, sent, bytes)
  }

  /** Undefined for a member that asks for no chunks. */
  protected abstract get fetcher(): ChunkFetcher | undefined

  /** Ends what this member does for itself; fetches under way end as cancelled. */
  protected abstract halt(): void

  /** Whether more neighbours are of use. */
  protected abstract wantsNeighbours(): boolean

  protected abstract joined(neighbour: Neighbour): void

  /** A neighbour goes; its row is given up afterwards. */
  protected abstract left(neighbour: Neighbour): void

  /** The tracker has answered, and the book has been told. */
  protected abstract learned(answer: Candidates): void

  /** A neighbour has sent a control message; what nobody expects ends the link. */
  protected hear(neighbour: Neighbour, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'choke':
        this.neighbours.setChokedByIt(neighbour.row, true)
        return this.fetcher?.choked(neighbour)
      case 'unchoke':
        this.neighbours.setChokedByIt(neighbour.row, false)
        this.hearLoad(neighbour, message)
        return this.fetcher?.pump()
      case 'busy':
        if (!this.fetcher) return this.links.drop(neighbour)
        this.hearLoad(neighbour, message)
        return this.fetcher.refused(neighbour, message.requestId, message.active, message.queued)
      case 'interested':
        return this.choker.interest(neighbour, message.interested)
      case 'request':
        return this.uploader.request(neighbour, message)
      case 'cancel':
        return this.uploader.cancel(neighbour, message.requestId)
      case 'report':
        return this.#gossip?.hear(neighbour, message)
      default:
        return this.links.drop(neighbour)
    }
  }

  /** Peers that do not speak Seedbed's own messages tell no load. */
  protected hearLoad({ row }: Neighbour, { active, queued }: Load): void {
    if (!Number.isNaN(active)) this.neighbours.hearLoad(row, active, queued, this.#ports.clock.nowMs())
  }

  /** A fetch has ended: its row is written, and the tracker hears of it. */
  protected fetchEnded(fetch: Fetch, result: FetchResult, bytes: number): void {
    const { clock, ranker, recorder } = this.#ports
    const nowMs = clock.nowMs()
    const durationMs = Math.fround(nowMs - fetch.decidedMs)
    recordFetch(recorder, ranker, this.#options, fetch, result, bytes, nowMs)
    const report = { seedId: fetch.neighbour.known.peerId, result, bytes, durationMs }
    this.tracker.report(report)
    this.#gossip?.note(report)
    this.#options.onFetchEnd?.(result, nowMs - fetch.decidedMs, fetch)
  }

  protected ban(neighbour: Neighbour): void {
    neighbour.known.banned = true
    this.links.drop(neighbour)
  }

  #stop(): void {
    this.halt()
    this.isStopped = true
    this.choker.stop()
    this.uploader.clear()
    this.#gossip?.stop()
  }

  #left(neighbour: Neighbour): void {
    this.uploader.forget(neighbour)
    this.choker.forget(neighbour)
    this.left(neighbour)
    const wasAsked = this.neighbours.inflight(neighbour.row) > 0
    this.neighbours.leave(neighbour)
    this.fetcher?.lost(neighbour, wasAsked)
  }

  #wantedCandidates(): number {
    const { wantedCandidates, targetNeighbours } = this.#options.settings
    if (!this.wantsNeighbours() || this.links.list.length >= targetNeighbours) return 0
    return Math.min(wantedCandidates, LIMITS.candidates)
  }
}
