import { MediaTimeline } from '../../peer/core/media.ts'
import { NOTHING_WANTED } from '../../peer/core/chunk-demand.ts'
import type { Peer } from '../../peer/core/peer.ts'
import { PlaybackDemand, type Urgency } from '../../peer/core/playback-demand.ts'
import { Player } from '../../peer/core/player.ts'
import type { Clock } from '../../peer/ports/clock.ts'
import type { SimChunkStore } from '../sim-chunk-store.ts'
import type { Recording } from './catalogue.ts'
import type { MusicConfig } from './config.ts'

/** Where a chunk came from, as a play sees it. */
export const FROM_CACHE = 1
export const FROM_SERVER = 2
export const FROM_PEERS = 3

/** What plays a track: its player, and what that wants. */
export interface Deck {
  readonly player: Player
  readonly demand: PlaybackDemand
}

/** One track on one node: the core of its swarm, its chunks, and a deck while it is played or about to be. */
export class TrackCore {
  readonly recording: Recording
  readonly store: SimChunkStore
  readonly peer: Peer
  /** By chunk: where it came from since the last play, or FROM_CACHE. */
  readonly origins: Uint8Array
  isAnnounced = false
  /** Whether chunks have come that the cache does not know of. */
  isNews = false
  #deck: Deck | undefined

  constructor(recording: Recording, store: SimChunkStore, peer: Peer) {
    this.recording = recording
    this.store = store
    this.peer = peer
    this.origins = new Uint8Array(recording.chunkCount)
    peer.have.forEach((chunk) => (this.origins[chunk] = FROM_CACHE))
    peer.demand = NOTHING_WANTED
  }

  get deck(): Deck | undefined {
    return this.#deck
  }

  /** Tells the tracker of this node, once. */
  announce(): void {
    if (this.isAnnounced) return
    this.isAnnounced = true
    this.peer.start()
  }

  /** The deck, made where there is none, with so much urgency. */
  prepare(clock: Clock, { player, playback }: MusicConfig, urgency: Urgency): Deck {
    if (!this.#deck) {
      const { content, byteRateBps } = this.recording
      const timeline = new MediaTimeline(content.manifest, byteRateBps)
      const media = new Player(clock, timeline, this.peer.have, player)
      const demand = new PlaybackDemand(clock, media, playback, () => this.peer.demandChanged(), urgency)
      this.#deck = { player: media, demand }
      this.peer.demand = demand
    }
    this.#deck.demand.urgency = urgency
    return this.#deck
  }

  /** Wants nothing more; what has come counts as cached from now on. */
  unload(): void {
    if (!this.#deck) return
    this.#deck.player.stop()
    this.#deck.demand.stop()
    this.#deck = undefined
    this.peer.demand = NOTHING_WANTED
    this.peer.have.forEach((chunk) => (this.origins[chunk] = FROM_CACHE))
  }

  kept(chunk: number): void {
    this.isNews = true
    this.#deck?.player.chunkKept(chunk)
  }
}
