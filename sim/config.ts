import { PEER_DEFAULTS, type PeerSettings } from '../peer/core/options.ts'
import { TRACKER_DEFAULTS, type TrackerSettings } from '../tracker/core/options.ts'
import { type AccessClass, DEFAULT_ACCESS_CLASSES } from './access-classes.ts'
import type { BandwidthCap } from './bandwidth-caps.ts'
import type { Churn } from './churn.ts'
import { DOWNLOAD_DEFAULTS, type DownloadConfig } from './download/config.ts'
import type { Fault } from './faults.ts'
import type { LiveConfig } from './live/config.ts'
import type { MusicConfig } from './music/config.ts'
import { NETWORK_DEFAULTS, type NetworkSettings } from './network-settings.ts'
import type { RoomsConfig } from './rooms/config.ts'
import { DEFAULT_REGION_WEIGHTS } from './regions.ts'

/** The server that a content comes from. */
export interface OriginConfig {
  /** Bytes per second; shared by the origins of all contents. */
  readonly upBps: number
  readonly downBps: number
  readonly region: string
  /** What differs from the peers' settings. */
  readonly settings: Partial<PeerSettings>
}

/** What nodes come for. `chunkBytes` is there in every kind: the usual size of what is fetched at once. */
export type WorkloadConfig = DownloadConfig | LiveConfig | MusicConfig | RoomsConfig

export interface SwarmConfig {
  readonly peers: number
  /** Number of trackers; peers announce to the first that they reach. */
  readonly trackers: number
  /** Peers of each content that hold everything from the start. */
  readonly initialSeeds: number
  /** Access class of the initial seeds; null: drawn like that of peers. */
  readonly initialSeedClass: string | null
  readonly origin: OriginConfig | null
  /** Caps that peers' users set. */
  readonly caps: readonly BandwidthCap[]
}

export interface RecordingConfig {
  /** Share of the peers' fetch decisions, and of the tracker's decisions, whose rows are recorded. */
  readonly sampleRate: number
  readonly trackerSampleRate: number
}

export interface ChecksConfig {
  /** `full` checks every link at every `everyS` simulated seconds, and every message. */
  readonly level: 'cheap' | 'full'
  readonly everyS: number
  readonly onViolation: 'throw' | 'collect'
}

/** Everything that decides a simulation's outcome, fully resolved. */
export interface SimConfig {
  readonly seed: string | number
  readonly durationLimitS: number
  readonly workload: WorkloadConfig
  readonly swarm: SwarmConfig
  readonly accessClasses: readonly AccessClass[]
  /** Weight of each region. */
  readonly regions: Readonly<Record<string, number>>
  readonly churn: Churn
  readonly faults: readonly Fault[]
  readonly network: NetworkSettings
  readonly peer: PeerSettings
  readonly tracker: TrackerSettings
  readonly recording: RecordingConfig
  readonly checks: ChecksConfig
}

const MB = 1_000_000

export const ORIGIN_DEFAULTS: OriginConfig = {
  upBps: 12.5 * MB,
  downBps: 12.5 * MB,
  region: 'eu-west',
  settings: { maxNeighbours: 1000, uploadSlots: 32, uploadQueue: 256, maxUnchoked: 1000 },
}

export const SIM_DEFAULTS: SimConfig = {
  seed: 1,
  durationLimitS: 4 * 3600,
  workload: DOWNLOAD_DEFAULTS,
  swarm: {
    peers: 100,
    trackers: 1,
    initialSeeds: 4,
    initialSeedClass: null,
    origin: ORIGIN_DEFAULTS,
    caps: [],
  },
  accessClasses: DEFAULT_ACCESS_CLASSES,
  regions: DEFAULT_REGION_WEIGHTS,
  churn: {
    arrivals: { kind: 'flash', windowS: 60 },
    sessions: { kind: 'unlimited' },
    lingerS: null,
    gracefulShare: 0.8,
  },
  faults: [],
  network: NETWORK_DEFAULTS,
  peer: PEER_DEFAULTS,
  tracker: TRACKER_DEFAULTS,
  recording: { sampleRate: 1, trackerSampleRate: 1 },
  checks: { level: 'cheap', everyS: 1, onViolation: 'throw' },
}
