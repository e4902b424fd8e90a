import { fileURLToPath } from 'node:url'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { Dice } from './dice.ts'
import { drawChurn } from './draw-churn.ts'
import { drawDownload } from './draw-download.ts'
import { drawLive } from './draw-live.ts'
import { drawMusic } from './draw-music.ts'
import { drawNetwork } from './draw-network.ts'
import { drawNodeFaults } from './draw-node-faults.ts'
import { drawPeer, drawTracker } from './draw-peer.ts'
import { drawPolicies } from './draw-policies.ts'
import { drawRooms } from './draw-rooms.ts'
import { drawAccess, drawSwarm } from './draw-swarm.ts'
import { drawTimedFaults } from './draw-timed-faults.ts'

/** A part of a config, as YAML says it. */
export type Section = Record<string, unknown>

/** What a workload decides of a config: its own section, and how many come for how long. */
export interface DrawnWorkload {
  readonly peers: number
  readonly durationLimitS: number
  readonly workload: Section & { readonly kind: string }
  /** Nothing comes from anywhere without an origin. */
  readonly needsOrigin?: boolean
  /** Further sections, in place of those drawn for all workloads. */
  readonly others?: Section
}

/** The latency matrix and the capacity trace that configs name. */
const DATA_FOLDER = fileURLToPath(new URL('data', import.meta.url))

/** How each workload is drawn. */
export const FUZZ_WORKLOADS: Readonly<Record<string, (dice: Dice) => DrawnWorkload>> = {
  download: drawDownload,
  rooms: drawRooms,
  music: drawMusic,
  live: drawLive,
}

/** The config that a seed stands for, as YAML would say it: one policy, one replication, every check. */
export function drawConfig(seed: number, workload?: string): Section {
  const dice = new Dice(new SeededRandom(`fuzz/${seed}`))
  const kind = workload ?? dice.for('kind').pick(Object.keys(FUZZ_WORKLOADS))
  const drawn = FUZZ_WORKLOADS[kind](dice.for(kind))
  return {
    name: `fuzz-${kind}-${seed}`,
    seed,
    dataFolder: DATA_FOLDER,
    replications: 1,
    policies: drawPolicies(dice.for('policies')),
    workload: drawn.workload,
    durationLimitS: drawn.durationLimitS,
    swarm: drawSwarm(dice.for('swarm'), drawn),
    ...drawAccess(dice.for('access')),
    ...drawChurn(dice.for('churn')),
    faults: [...drawNodeFaults(dice.for('node-faults')), ...drawTimedFaults(dice.for('timed-faults'))],
    network: drawNetwork(dice.for('network')),
    peer: drawPeer(dice.for('peer')),
    tracker: drawTracker(dice.for('tracker')),
    checks: { level: 'full', everyS: dice.for('checks').pick([0.5, 5, 60]), onViolation: 'throw' },
    ...drawn.others,
  }
}
