import type { Address } from '../peer/protocol/ids.ts'
import type { DecisionPlace, Ranker } from '../peer/ports/ranker.ts'
import type { Random } from '../peer/ports/random.ts'
import type { Recorder } from '../peer/ports/recorder.ts'
import type { Tracker } from '../tracker/core/tracker.ts'
import type { SimConfig } from './config.ts'
import type { NetworkFabric } from './fabric.ts'
import type { FetchTally } from './fetch-tally.ts'
import type { Audit } from './invariants.ts'
import type { Oracle } from './oracle.ts'
import type { SimNode } from './sim-node.ts'

/** Makes the ranker of one node; `random` is the node's own stream for it. */
export type CreateRanker = (place: DecisionPlace, nodeLabel: string, random: Random, oracle: Oracle) => Ranker

/** A tracker as a workload sees it. */
export interface TrackerView {
  /** That of its present life or of its last one. */
  readonly core: Tracker
  /** When its program could do anything last, by its own clock: now, unless it stands still. */
  readonly ranMs: number
}

/** What a world offers its workload and its nodes. */
export interface WorldContext {
  readonly config: SimConfig
  readonly random: Random
  readonly fabric: NetworkFabric
  readonly oracle: Oracle
  /** Where the trackers are, best first. */
  readonly trackers: readonly Address[]
  /** The programs that run there, in the same order. */
  readonly trackerNodes: readonly TrackerView[]
  readonly recorder: Recorder
  readonly createRanker: CreateRanker
  readonly tally: FetchTally
  readonly audit: Audit
  /** The nodes that have come so far, in the order in which they came. */
  readonly nodes: readonly SimNode[]
  /** Brings a node to life now, and plans its end as its lifetime and its faults have it. */
  enter(node: SimNode): void
  /** Makes a node that has come leave after `delayMs`, unless it has gone by then. */
  departLater(node: SimNode, delayMs: number): void
  /** A node of the population has what it came for; one that goes without is counted by itself. */
  finished(node: SimNode): void
  /** Nothing more is to happen: the run ends now. */
  end(): void
}
