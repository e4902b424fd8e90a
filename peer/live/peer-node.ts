import { type Endpoint, formatEndpoint, isHttpAddress } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { Ranker } from '../ports/ranker.ts'
import type { Recorder } from '../ports/recorder.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { type FailureReason, PEER_DEFAULTS, type PeerSettings } from '../core/options.ts'
import { Peer } from '../core/peer.ts'
import { RoutedNetwork } from './routed-network.ts'
import type { FileChunkStore } from './file-chunk-store.ts'
import { GOODBYE_MS, HttpTrackerNetwork } from './http-tracker-link.ts'
import { PeerHost } from './peer-host.ts'
import { drawPeerId } from './peer-id.ts'
import type { TcpLimits } from './tcp-options.ts'
import { refreshManifest } from './tracker-api.ts'

/** How often it is checked that the tracker still knows the manifests. */
export const REFRESH_MS = 30_000

/** What all peers of one process share. */
export interface NodeOptions {
  /** Best first; one or more. */
  readonly trackers: readonly Address[]
  readonly listen: Endpoint
  readonly region: string
  readonly settings?: Partial<PeerSettings>
  readonly random: Random
  readonly recorder: Recorder
  /** Makes the ranker of one peer. */
  ranker(random: Random): Ranker
  /** Something went wrong that the node lives with. */
  warning?(error: Error): void
}

export interface ContentOptions {
  readonly manifest: Manifest
  readonly store: FileChunkStore
  readonly isOrigin: boolean
  readonly onChunk?: (chunk: number) => void
  readonly onComplete?: () => void
  readonly onFail?: (reason: FailureReason) => void
}

interface Served {
  readonly peer: Peer
  readonly http: HttpTrackerNetwork
  readonly store: FileChunkStore
  readonly manifest: Manifest
}

/** The peers of one process: one for each content, behind one listening socket. */
export class PeerNode {
  readonly #options: NodeOptions
  readonly #host: PeerHost
  readonly #clock = new SystemClock()
  readonly #served: Served[] = []
  readonly #refreshTimer: NodeJS.Timeout
  #leaving: Promise<void> | undefined

  private constructor(options: NodeOptions, host: PeerHost) {
    this.#options = options
    this.#host = host
    this.#refreshTimer = setInterval(() => this.#refresh(), REFRESH_MS)
  }

  /** Starts to listen. Rejects with ListenError. */
  static async listen(options: NodeOptions, limits?: TcpLimits): Promise<PeerNode> {
    return new PeerNode(options, await PeerHost.listen(options.listen, limits))
  }

  /** The address that is announced: the tracker replaces the host by the one it sees. */
  get address(): Address {
    return formatEndpoint(this.#options.listen.host, this.#host.port)
  }

  /** Joins the swarm of a content. */
  join({ manifest, store, isOrigin, onChunk, onComplete, onFail }: ContentOptions): Peer {
    const { trackers, region, settings, recorder, ranker } = this.#options
    const random = this.#options.random.fork(manifest.contentId)
    const http = new HttpTrackerNetwork(trackers.length)
    const peer = new Peer(
      {
        clock: this.#clock,
        random,
        network: new RoutedNetwork(this.#host.open(manifest.contentId), [
          { takes: isHttpAddress, network: http },
        ]),
        ranker: ranker(random.fork('ranker')),
        recorder,
        store,
      },
      {
        peerId: drawPeerId(random.fork('peer-id')),
        address: this.address,
        region,
        isOrigin,
        manifest,
        trackers,
        settings: { ...PEER_DEFAULTS, ...settings },
        ...(onChunk && { onChunk }),
        ...(onComplete && { onComplete }),
        ...(onFail && { onFail }),
      },
    )
    this.#served.push({ peer, http, store, manifest })
    peer.start()
    return peer
  }

  /** Resolves when the tracker has heard of all peers, or could not be reached. */
  async announced(): Promise<void> {
    await Promise.all(this.#served.map(({ http }) => http.tried))
  }

  /** Leaves all swarms in order: tells the tracker and the neighbours, then closes the socket and the files. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  /** Stops at once without a word to anyone, as a crash would. */
  async kill(): Promise<void> {
    clearInterval(this.#refreshTimer)
    for (const { peer, http } of this.#served) {
      peer.crash()
      http.destroy()
    }
    this.#host.destroy()
    await Promise.all(this.#served.map(({ store }) => store.close()))
  }

  async #leave(): Promise<void> {
    clearInterval(this.#refreshTimer)
    for (const { peer } of this.#served) peer.leave()
    await Promise.all([this.#host.close(), ...this.#served.map(({ http }) => http.finish(GOODBYE_MS))])
    await Promise.all(this.#served.map(({ store }) => store.close()))
  }

  /** A tracker that was restarted has forgotten the manifests: whoever has one gives it back. */
  #refresh(): void {
    for (const { manifest } of this.#served)
      for (const tracker of this.#options.trackers)
        refreshManifest(tracker, manifest).catch((error: Error) => this.#options.warning?.(error))
  }
}
