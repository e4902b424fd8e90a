import type { ChunkStore } from './chunk-store.ts'
import type { Clock } from './clock.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Ranker } from './ranker.ts'
import type { Recorder } from './recorder.ts'

/** What every member of a swarm needs of the world, whatever is shared there. */
export interface MemberPorts {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly ranker: Ranker
  readonly recorder: Recorder
}

/** What a tracker core needs of the world. */
export type TrackerPorts = MemberPorts

/** What a peer core needs of the world. */
export interface PeerPorts extends MemberPorts {
  readonly store: ChunkStore
}
