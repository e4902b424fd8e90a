import { ContentRouter, type RouterSettings } from '../../peer/core/content-router.ts'
import type { PeerSettings, PeerOptions } from '../../peer/core/options.ts'
import { Peer } from '../../peer/core/peer.ts'
import { PeerStats } from '../../peer/core/stats.ts'
import { UploadSlots } from '../../peer/core/upload-slots.ts'
import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { ContentId } from '../../peer/protocol/ids.ts'
import type { Clock } from '../../peer/ports/clock.ts'
import type { Ranker } from '../../peer/ports/ranker.ts'
import { PollutingStore, SimChunkStore } from '../sim-chunk-store.ts'
import type { NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'
import type { Catalogue, Recording } from './catalogue.ts'
import { FROM_PEERS, FROM_SERVER, TrackCore } from './track-core.ts'

/** A core that nobody plays and nobody is linked to is put away at the next look. */
const LOOK_MS = 30_000

export interface TrackHostOptions {
  /** Number of the node's session. */
  readonly session: number
  readonly router: RouterSettings
  readonly settings: PeerSettings
  readonly isOrigin: boolean
  readonly origins: NonNullable<PeerOptions['origins']>
  readonly onFetchEnd: NonNullable<PeerOptions['onFetchEnd']>
  /** What this node holds of a recording; undefined where that is nothing. */
  held(recording: Recording): ChunkSet | undefined
  /** A core with chunks that the cache does not know of is put away. */
  putAway(core: TrackCore): void
}

/** The tracks that a node has to do with now: a core each, behind one router and one set of upload slots. */
export class TrackHost {
  readonly cores = new Map<ContentId, TrackCore>()
  readonly #node: SimNode
  readonly #context: WorldContext
  readonly #catalogue: Catalogue
  readonly #options: TrackHostOptions
  readonly #clock: Clock
  readonly #router: ContentRouter
  readonly #slots: UploadSlots
  readonly #ranker: Ranker
  /** Swarms whose core is put away although the tracker still counts on this node. */
  readonly #silent = new Set<ContentId>()
  readonly #ended = new PeerStats()
  #endedClaims = 0
  #endedKept = 0
  #opened = 0

  constructor(node: SimNode, context: WorldContext, catalogue: Catalogue, options: TrackHostOptions) {
    const { createRanker, random, oracle, trackers } = context
    const { label } = node.plan
    this.#node = node
    this.#context = context
    this.#catalogue = catalogue
    this.#options = options
    this.#slots = new UploadSlots(options.settings.uploadSlots)
    this.#ranker = createRanker('peer', label, random.fork('ranker', label), oracle)
    this.#clock = node.ports.clock
    this.#router = new ContentRouter(this.#clock, node.ports.network, {
      settings: options.router,
      shared: trackers,
      spare: options.origins.map(({ address }) => address),
      summon: (contentId) => this.#summon(contentId),
    })
  }

  get linkCount(): number {
    return this.#router.linkCount
  }

  get uploads(): number {
    return this.#slots.taken
  }

  start(): void {
    this.#router.start()
    this.#look()
  }

  /** The tracker learns that this node has recordings that it does not play now. */
  tellOf(recordings: Iterable<Recording>): void {
    const [tracker] = this.#context.trackers
    const { plan, peerId } = this.#node
    const { address, region } = plan.host
    for (const recording of recordings) {
      const { contentId } = recording
      const chunks = this.#options.held(recording)
      if (!chunks || this.cores.has(contentId)) continue
      this.#silent.add(contentId)
      this.#router.tell(tracker, {
        type: 'announce',
        contentId,
        peerId,
        address,
        region,
        event: 'started',
        isOrigin: false,
        uploadSlots: this.#options.settings.uploadSlots,
        active: 0,
        queued: 0,
        uploadedBytes: 0,
        downloadedBytes: 0,
        chunks,
        wanted: 0,
      })
    }
  }

  /** The core of a recording, opened where there is none. */
  core(recording: Recording): TrackCore {
    return this.cores.get(recording.contentId) ?? this.#open(recording)
  }

  leave(): void {
    const [tracker] = this.#context.trackers
    for (const contentId of [...this.cores.keys()]) this.close(contentId, true)
    for (const contentId of this.#silent)
      this.#router.tell(tracker, { type: 'leave', contentId, peerId: this.#node.peerId })
    this.#router.stop()
  }

  crash(): void {
    for (const contentId of [...this.cores.keys()]) this.close(contentId, false)
  }

  /** Ends a core, in order or without a word. */
  close(contentId: ContentId, isGraceful: boolean): void {
    const core = this.cores.get(contentId)
    if (!core) return
    core.unload()
    if (isGraceful && core.isAnnounced) core.peer.leave()
    else core.peer.crash()
    this.cores.delete(contentId)
    if (core.isNews) this.#options.putAway(core)
    this.#count(core)
    this.#router.close(contentId)
    if (isGraceful) this.#silent.delete(contentId)
  }

  accounts(): NodeAccount[] {
    const ended = { stats: this.#ended, claimedChunks: this.#endedClaims, keptChunks: this.#endedKept }
    return [...[...this.cores.values()].map(accountOf), ended]
  }

  #summon(contentId: ContentId): void {
    const recording = this.#catalogue.find(contentId)
    if (recording && this.#options.held(recording)) this.#open(recording)
  }

  #open(recording: Recording): TrackCore {
    const { random, recorder, audit, trackers } = this.#context
    const { settings, isOrigin, origins, onFetchEnd, held } = this.#options
    const { plan, peerId } = this.#node
    const { content, contentId } = recording
    const label = `${plan.label}/${this.#options.session}/${this.#opened++}`
    const store = new SimChunkStore(content, held(recording) ?? false, plan.label, audit)
    const { corruptShare } = plan.faults
    const peer = new Peer(
      {
        clock: this.#clock,
        random: random.fork('peer', label),
        network: this.#router.open(contentId),
        store:
          corruptShare > 0
            ? new PollutingStore(store, content, corruptShare, random.fork('pollution', label))
            : store,
        ranker: this.#ranker,
        recorder,
      },
      {
        peerId,
        address: plan.host.address,
        region: plan.host.region,
        isOrigin,
        manifest: content.manifest,
        trackers,
        settings,
        origins,
        sharedSlots: this.#slots,
        onChunk: (chunk) => core.kept(chunk),
        onFetchEnd: (result, durationMs, fetch) => {
          if (result === 'ok')
            core.origins[fetch.chunk] = fetch.reason === 'origin' ? FROM_SERVER : FROM_PEERS
          onFetchEnd(result, durationMs, fetch)
        },
      },
    )
    const core = new TrackCore(recording, store, peer)
    // The tracker still knows the node from when it played this track before.
    core.isAnnounced = this.#silent.delete(contentId)
    if (core.isAnnounced) peer.start()
    this.cores.set(contentId, core)
    return core
  }

  #look(): void {
    this.#clock.setTimer(LOOK_MS, () => {
      for (const [contentId, core] of [...this.cores]) {
        if (core.deck || this.#router.linksOf(contentId) > 0) continue
        if (core.isAnnounced) this.#silent.add(contentId)
        this.close(contentId, false)
      }
      this.#look()
    })
  }

  #count(core: TrackCore): void {
    const { stats, claimedChunks, keptChunks } = accountOf(core)
    for (const key of Object.keys(stats) as (keyof PeerStats)[]) this.#ended[key] += stats[key]
    this.#endedClaims += claimedChunks
    this.#endedKept += keptChunks
  }
}

function accountOf({ peer, store }: TrackCore): NodeAccount {
  return { stats: peer.stats, claimedChunks: peer.have.count, keptChunks: store.kept.count }
}
