import { type Endpoint, formatEndpoint, isHttpAddress } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { StreamManifest } from '../protocol/stream.ts'
import type { Random } from '../ports/random.ts'
import type { Ranker } from '../ports/ranker.ts'
import type { Recorder } from '../ports/recorder.ts'
import { SystemClock } from '../ports/system-clock.ts'
import type { LiveMember } from '../core/live-member.ts'
import {
  chunksIn,
  LIVE_DEFAULTS,
  type LiveOptions,
  type LivePorts,
  type LiveSettings,
} from '../core/live-options.ts'
import { PEER_DEFAULTS, type PeerSettings } from '../core/options.ts'
import { GOODBYE_MS, HttpTrackerNetwork } from './http-tracker-link.ts'
import { PeerHost } from './peer-host.ts'
import { drawPeerId } from './peer-id.ts'
import { REFRESH_MS } from './peer-node.ts'
import { RoutedNetwork } from './routed-network.ts'
import { SignatureVerifier } from './stream-signature.ts'
import type { TcpLimits } from './tcp-options.ts'
import { refreshManifest } from './tracker-api.ts'

/** What a member of a live stream is told, whatever its part. */
export interface StreamNodeOptions {
  /** The trackers' addresses, best first; one or more. */
  readonly trackers: readonly Address[]
  /** Where to accept links; port 0 takes a free one. */
  readonly listen: Endpoint
  readonly region: string
  readonly random: Random
  readonly recorder: Recorder
  readonly settings?: Partial<PeerSettings>
  readonly live?: Partial<LiveSettings>
  readonly limits?: TcpLimits
  ranker(random: Random): Ranker
  /** Something went wrong that the member lives with. */
  warning?(error: Error): void
}

/** Requests under way cover so much of the stream: a small chunk takes a round trip like a large one. */
const FETCH_AHEAD_MS = 500
const MOST_FETCHES = 64

/** Settings that grow with the number of chunks a second. */
function settingsFor(manifest: StreamManifest): Partial<PeerSettings> {
  const maxFetches = Math.max(
    PEER_DEFAULTS.maxFetches,
    Math.min(MOST_FETCHES, chunksIn(manifest, FETCH_AHEAD_MS)),
  )
  const perSeed = Math.max(PEER_DEFAULTS.maxFetchesPerSeed, maxFetches >> 2)
  return {
    maxFetches,
    maxFetchesPerSeed: perSeed,
    // Who has given up on some asks for others while those are still on their way out.
    uploadsPerNeighbour: 2 * perSeed,
    uploadSlots: Math.max(PEER_DEFAULTS.uploadSlots, maxFetches),
    uploadQueue: Math.max(PEER_DEFAULTS.uploadQueue, 2 * maxFetches),
  }
}

/** One member of one live stream on real sockets. */
export class StreamNode<M extends LiveMember> {
  readonly member: M
  /** The address that is announced. */
  readonly address: Address
  readonly #host: PeerHost
  readonly #http: HttpTrackerNetwork
  readonly #refreshTimer: NodeJS.Timeout
  #leaving: Promise<void> | undefined

  private constructor(
    host: PeerHost,
    manifest: StreamManifest,
    isOrigin: boolean,
    options: StreamNodeOptions,
    create: (ports: LivePorts, options: LiveOptions) => M,
  ) {
    const { trackers, listen, region, recorder, ranker } = options
    const random = options.random.fork(manifest.contentId)
    this.#host = host
    this.#http = new HttpTrackerNetwork(trackers.length)
    this.address = formatEndpoint(listen.host, host.port)
    this.member = create(
      {
        clock: new SystemClock(),
        random,
        network: new RoutedNetwork(host.open(manifest.contentId), [
          { takes: isHttpAddress, network: this.#http },
        ]),
        verifier: new SignatureVerifier(manifest),
        ranker: ranker(random.fork('ranker')),
        recorder,
      },
      {
        peerId: drawPeerId(random.fork('peer-id')),
        address: this.address,
        region,
        isOrigin,
        manifest,
        trackers,
        settings: { ...PEER_DEFAULTS, ...settingsFor(manifest), ...options.settings },
        live: { ...LIVE_DEFAULTS, ...options.live },
      },
    )
    this.#refreshTimer = setInterval(() => {
      for (const tracker of trackers)
        refreshManifest(tracker, manifest).catch((error: Error) => options.warning?.(error))
    }, REFRESH_MS)
    this.member.start()
  }

  /** Listens and joins the stream's swarm. Rejects with ListenError. */
  static async join<M extends LiveMember>(
    manifest: StreamManifest,
    isOrigin: boolean,
    options: StreamNodeOptions,
    create: (ports: LivePorts, options: LiveOptions) => M,
  ): Promise<StreamNode<M>> {
    const host = await PeerHost.listen(options.listen, options.limits)
    return new StreamNode(host, manifest, isOrigin, options, create)
  }

  /** Resolves when the tracker has heard of this member, or could not be reached. */
  get announced(): Promise<void> {
    return this.#http.tried
  }

  /** Leaves in order: tells the tracker and the neighbours, then closes the socket. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  /** Stops at once without a word to anyone, as a crash would. */
  kill(): void {
    clearInterval(this.#refreshTimer)
    this.member.crash()
    this.#http.destroy()
    this.#host.destroy()
  }

  async #leave(): Promise<void> {
    clearInterval(this.#refreshTimer)
    this.member.leave()
    await Promise.all([this.#host.close(), this.#http.finish(GOODBYE_MS)])
  }
}
