import { MediaTimeline } from '../../peer/core/media.ts'
import type { KnownOrigin, PeerOptions } from '../../peer/core/options.ts'
import { Peer } from '../../peer/core/peer.ts'
import { PlaybackDemand } from '../../peer/core/playback-demand.ts'
import { Player, type PlayerEvents } from '../../peer/core/player.ts'
import type { StageContent } from '../../peer/core/room-stage.ts'
import type { PeerStats } from '../../peer/core/stats.ts'
import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { PeerPorts } from '../../peer/ports/ports.ts'
import type { NodeAccount } from '../sim-node.ts'
import type { RoomsConfig } from './config.ts'

export interface RoomContentParts {
  readonly ports: PeerPorts
  readonly options: PeerOptions
  readonly origins: readonly KnownOrigin[]
  readonly config: RoomsConfig
  readonly events: PlayerEvents
  /** The chunks that the node's store keeps of this content. */
  readonly kept: ChunkSet
  closed(stats: PeerStats): void
}

/** One content that a member of a room has open: its peer, its player, and what the player demands of the peer. */
export class RoomContent implements StageContent {
  readonly player: Player
  readonly peer: Peer
  readonly #parts: RoomContentParts
  readonly #timeline: MediaTimeline
  readonly #demand: PlaybackDemand

  constructor(parts: RoomContentParts) {
    const { ports, options, config, events, origins } = parts
    this.#parts = parts
    this.peer = new Peer(ports, {
      ...options,
      origins,
      onChunk: (chunk) => this.player.chunkKept(chunk),
    })
    this.#timeline = new MediaTimeline(options.manifest, config.byteRateBps)
    this.player = new Player(ports.clock, this.#timeline, this.peer.have, config.player, events)
    this.#demand = new PlaybackDemand(ports.clock, this.player, config.playback, () =>
      this.peer.demandChanged(),
    )
    this.peer.demand = this.#demand
    this.peer.start()
  }

  get account(): NodeAccount {
    const { stats, have, usage } = this.peer
    const { kept, options } = this.#parts
    return { stats, claimedChunks: have.count, keptChunks: kept.count, usage, settings: options.settings }
  }

  isReadyAt(positionMs: number): boolean {
    const { startBufferMs } = this.#parts.config.player
    const end = Math.max(
      this.#timeline.chunkAt(positionMs) + 1,
      this.#timeline.endAt(positionMs + startBufferMs),
    )
    for (let chunk = this.#timeline.chunkAt(positionMs); chunk < end; chunk++)
      if (!this.peer.have.has(chunk)) return false
    return true
  }

  setNeeded(isNeeded: boolean): void {
    this.#demand.urgency = isNeeded ? 'all' : 'off'
  }

  /** Leaves the swarm in order. */
  close(): void {
    this.#end()
    this.peer.leave()
    this.#parts.closed(this.peer.stats)
  }

  /** Stops without a word. */
  crash(): void {
    this.#end()
    this.peer.crash()
  }

  #end(): void {
    this.#demand.stop()
    this.player.stop()
  }
}
