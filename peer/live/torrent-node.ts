import type { Socket } from 'node:net'
import { type Endpoint, formatEndpoint, isHttpAddress } from '../protocol/endpoint.ts'
import type { Address, PeerId } from '../protocol/ids.ts'
import { bytesLeft } from '../protocol/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { Ranker } from '../ports/ranker.ts'
import type { Recorder } from '../ports/recorder.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { type FailureReason, PEER_DEFAULTS, type PeerSettings } from '../core/options.ts'
import { Peer } from '../core/peer.ts'
import type { TransferFigures } from './announce.ts'
import { AnnounceNetwork, isAnnounceUrl, nameOf } from './announce-network.ts'
import { Deferred } from './deferred.ts'
import type { FileChunkStore } from './file-chunk-store.ts'
import { GOODBYE_MS } from './http-tracker-link.ts'
import type { Magnet } from './magnet.ts'
import type { PeerFinder, SoughtSwarm } from './peer-finder.ts'
import { drawPeerId } from './peer-id.ts'
import { RoutedNetwork } from './routed-network.ts'
import { type Rates, ratesOf } from './token-bucket.ts'
import type { Torrent } from './torrent.ts'
import { resolveMagnet } from './torrent-source.ts'
import { torrentSettings } from './torrent-settings.ts'
import { announceUrlOf, coreTrackers, TorrentMessages } from './torrent-trackers.ts'
import { isWebSeed, webSeedAddress, WebSeedNetwork } from './web-seed.ts'
import { wireContentOf } from './wire-content.ts'
import { WireHost } from './wire-host.ts'
import { WIRE_LIMITS, type WireLimits } from './wire-limits.ts'
import type { WireNetwork } from './wire-network.ts'

/** What all torrents of one process share. */
export interface TorrentNodeOptions {
  /** Trackers besides those that a torrent names: `parseTorrentTracker` has checked them. */
  readonly trackers: readonly Address[]
  /** Whether web seeds of a torrent may be on this machine, or in a private network. */
  readonly localWebSeeds?: boolean
  readonly listen: Endpoint
  readonly region: string
  readonly settings?: Partial<PeerSettings>
  readonly limits?: Partial<WireLimits>
  readonly rates?: Rates
  /** Look for peers elsewhere than at the trackers that the core speaks to. */
  readonly finders?: readonly PeerFinder[]
  /** Takes connections to the listening socket that do not begin as BitTorrent's do. */
  others?(socket: Socket): void
  readonly random: Random
  readonly recorder: Recorder
  /** Makes the ranker of one peer. */
  ranker(random: Random): Ranker
  /** Something went wrong that the node lives with. */
  warning?(error: Error): void
}

export interface JoinOptions {
  readonly torrent: Torrent
  readonly store: FileChunkStore
  readonly isOrigin: boolean
  /** Peers known from the start. */
  readonly peers?: readonly Address[]
  readonly onChunk?: (chunk: number) => void
  readonly onComplete?: () => void
  readonly onFail?: (reason: FailureReason) => void
}

/** A torrent that a node takes part in. */
export interface JoinedTorrent {
  readonly torrent: Torrent
  readonly peer: Peer
  readonly peerId: PeerId
  readonly store: FileChunkStore
  /** Takes streams to other peers, whatever carries them. */
  readonly network: WireNetwork
  /** Hears of another peer's address. */
  meet(address: Address): void
}

interface Served extends JoinedTorrent {
  readonly stopFinding: readonly (() => void)[]
  readonly trackers: readonly (AnnounceNetwork | TorrentMessages)[]
  readonly webSeeds: WebSeedNetwork
}

/** The peers of one process that speak BitTorrent: one for each torrent, behind one listening socket. */
export class TorrentNode {
  readonly rates: Rates
  readonly #options: TorrentNodeOptions
  readonly #host: WireHost
  readonly #clock = new SystemClock()
  readonly #served: Served[] = []
  #leaving: Promise<void> | undefined

  private constructor(options: TorrentNodeOptions, host: WireHost, rates: Rates) {
    this.#options = options
    this.#host = host
    this.rates = rates
  }

  /** Starts to listen. Rejects with ListenError. */
  static async listen(options: TorrentNodeOptions): Promise<TorrentNode> {
    const { listen, limits, rates = ratesOf() } = options
    const others = options.others && ((socket: Socket) => options.others?.(socket))
    const host = await WireHost.listen(listen, {
      ...(limits && { limits }),
      rates,
      ...(others && { others }),
    })
    return new TorrentNode(options, host, rates)
  }

  /** The address that is announced: trackers replace the host by the one they see. */
  get address(): Address {
    return formatEndpoint(this.#options.listen.host, this.#host.port)
  }

  get connectionCount(): number {
    return this.#host.connectionCount
  }

  /** Joins the swarm of a torrent. */
  join({ torrent, store, isOrigin, peers = [], ...events }: JoinOptions): JoinedTorrent {
    const { region, settings, recorder, ranker, localWebSeeds = false } = this.#options
    const warning = (error: Error): void => this.#options.warning?.(error)
    const { manifest, info, webSeeds } = torrent
    const random = this.#options.random.fork(torrent.infoHash)
    const network = this.#host.open(wireContentOf(manifest, info))
    const given = this.#options.trackers.map(announceUrlOf)
    const urls = coreTrackers(this.#options.trackers, torrent.trackers)
    const byUrl = urls.filter(isAnnounceUrl).length
    const messages = new TorrentMessages(manifest, urls.length - byUrl)
    const peerAt = (address: Address): PeerId | undefined => network.peerAt(address)
    const figures = (): TransferFigures => ({
      uploadedBytes: peer.stats.uploadedBytes,
      downloadedBytes: peer.stats.downloadedBytes,
      leftBytes: bytesLeft(manifest, peer.have),
    })
    const announces = new AnnounceNetwork({ manifest, given, warning, peerAt, figures }, byUrl)
    const http = new WebSeedNetwork({ torrent, rates: this.rates, allowsLocal: localWebSeeds, warning })
    const peerId = drawPeerId(random.fork('peer-id'))
    const completed = new Deferred<void>()
    const peer: Peer = new Peer(
      {
        clock: this.#clock,
        random,
        network: new RoutedNetwork(network, [
          { takes: isAnnounceUrl, network: announces },
          { takes: isHttpAddress, network: messages },
          { takes: isWebSeed, network: http },
        ]),
        ranker: ranker(random.fork('ranker')),
        recorder,
        store,
      },
      {
        ...{ peerId, address: this.address, region, isOrigin, manifest },
        trackers: urls,
        settings: { ...PEER_DEFAULTS, ...torrentSettings(manifest.chunkBytes), ...settings },
        origins: webSeeds
          .map(webSeedAddress)
          .map((address) => ({ peerId: nameOf(address), address, region: '' })),
        ...events,
        onComplete: () => {
          completed.resolve()
          events.onComplete?.()
        },
      },
    )
    const meet = (address: Address): void => peer.meet(network.peerAt(address) ?? nameOf(address), address)
    const trackers = [...(byUrl > 0 ? [announces] : []), ...(byUrl < urls.length ? [messages] : [])]
    const joined = { torrent, peer, peerId, store, network, meet }
    peer.start()
    peers.forEach(meet)
    const stopFinding = this.#find(joined, figures, completed.promise)
    this.#served.push({ ...joined, trackers, webSeeds: http, stopFinding })
    return joined
  }

  /** The torrent of a magnet link, as other peers tell it. Rejects where the signal ends it. */
  async resolve(magnet: Magnet, peers: readonly Address[], signal: AbortSignal): Promise<Torrent> {
    const { trackers, limits, finders = [], random } = this.#options
    return resolveMagnet(magnet, {
      peerId: drawPeerId(random.fork(magnet.infoHash).fork('peer-id')),
      port: this.#host.port,
      ...{ trackers, peers, finders, rates: this.rates, signal },
      limits: { ...WIRE_LIMITS, ...limits },
      warning: (error) => this.#options.warning?.(error),
    })
  }

  /** Resolves when a tracker of each torrent has heard of this node, or none of them could be reached. */
  async announced(): Promise<void> {
    await Promise.all(
      this.#served.map(({ trackers }) => trackers.length > 0 && Promise.race(trackers.map((t) => t.tried))),
    )
  }

  /** Leaves all swarms in order: tells the trackers and the neighbours, then closes the socket and the files. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  /** Stops at once without a word to anyone, as a crash would. */
  async kill(): Promise<void> {
    for (const { peer, trackers, webSeeds, stopFinding } of this.#served) {
      for (const stop of stopFinding) stop()
      peer.crash()
      webSeeds.destroy()
      for (const tracker of trackers) tracker.destroy()
    }
    this.#host.destroy()
    await Promise.all(this.#served.map(({ store }) => store.close()))
  }

  #find(
    { torrent, peerId, network, meet }: JoinedTorrent,
    figures: () => TransferFigures,
    completed: Promise<void>,
  ): (() => void)[] {
    const { finders = [], trackers } = this.#options
    const { infoHash, isPrivate } = torrent
    const named = [...new Set([...trackers.map(announceUrlOf), ...torrent.trackers])]
    const swarm: SoughtSwarm = {
      ...{ infoHash, peerId, isPrivate, meet, port: this.#host.port, trackers: named },
      ...{ figures, completed },
      adoptStream: (stream, remote) => network.adoptStream(stream, remote),
    }
    return finders.map((find) => find(swarm))
  }

  async #leave(): Promise<void> {
    for (const { peer, webSeeds, stopFinding } of this.#served) {
      for (const stop of stopFinding) stop()
      peer.leave()
      webSeeds.destroy()
    }
    const goodbyes = this.#served.flatMap(({ trackers }) => trackers.map((t) => t.finish(GOODBYE_MS)))
    await Promise.all([this.#host.close(), ...goodbyes])
    await Promise.all(this.#served.map(({ store }) => store.close()))
  }
}
