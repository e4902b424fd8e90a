import type { ChunkStore } from './chunk-store.ts'
import type { Clock } from './clock.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Ranker } from './ranker.ts'
import type { Recorder } from './recorder.ts'

/** What a tracker core needs of the world. */
export interface TrackerPorts {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly ranker: Ranker
  readonly recorder: Recorder
}

/** What a peer core needs of the world. */
export interface PeerPorts extends TrackerPorts {
  readonly store: ChunkStore
}
