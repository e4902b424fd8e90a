import type { Isp } from './bottlenecks.ts'
import type { LatencyMatrix } from './latency-matrix.ts'
import { REACHABILITY_DEFAULTS, type ReachabilitySettings } from './reachability.ts'
import type { UplinkQueueSettings } from './uplink-queue.ts'

/** Round-trip times from a measured matrix; they hold the last miles, unless `addsLastMile` says otherwise. */
export interface MatrixRttSettings extends LatencyMatrix {
  readonly kind: 'matrix'
  readonly addsLastMile: boolean
}

/** How the simulated network behaves. */
export interface NetworkSettings {
  /** Round-trip times between hosts: from the region table, one value for all pairs, or measured. Last miles come on top. */
  readonly rtt:
    { readonly kind: 'regions' } | { readonly kind: 'constant'; readonly ms: number } | MatrixRttSettings
  /** Standard deviation of the logarithm of hosts' last miles around their class's mean; 0: all have the mean. */
  readonly lastMileSpread: number
  /** Mean of the exponential jitter of a message, as a share of its one-way delay. */
  readonly jitterShare: number
  /** Share of packets lost: delays messages by retransmissions, and caps the rate of each transfer. */
  readonly lossRate: number
  /** Whether transfers on a cold connection pay for slow start. */
  readonly slowStart: boolean
  /** Largest window of a connection in bytes; caps its rate at window / round-trip time. */
  readonly maxWindowBytes: number
  /** When a host that does not answer is given up by the one that dials it. */
  readonly connectTimeoutMs: number
  /** When a host learns that the other side of a link has vanished. */
  readonly lostDetectionMs: number
  /** Capacity in bytes per second, each way, of what a region's hosts share towards other regions. */
  readonly transitBps: Readonly<Record<string, number>>
  /** Providers of access; hosts that none of them connects have no such bottleneck. */
  readonly isps: readonly Isp[]
  /** Who can connect to whom. */
  readonly reachability: ReachabilitySettings
  /** What control messages wait in before they leave a host. */
  readonly uplinkQueue: UplinkQueueSettings
}

/**
 * Spread of the last miles: an assumption, near the spread of what hosts add to the round-trip times of the Seattle matrix
 * (0.97, their distance included; docs/calibration.md).
 * Jitter: median of mdev / avg of the WonderProxy pings. Window: what Linux's receive buffer grows to by default (6 MB)
 * less its overhead. Time-outs: three SYNs of a classic stack (21 s); a keep-alive's or user time-out's order (20 s).
 * Queue at the up-link: what LEDBAT aims at (RFC 6817, BEP 29), which keeps most peers' queues there (Chirichella and Rossi
 * 2013); TCP fills buffers of several seconds (Kreibich et al., IMC 2010).
 */
export const NETWORK_DEFAULTS: NetworkSettings = {
  rtt: { kind: 'regions' },
  lastMileSpread: 1,
  jitterShare: 0.006,
  lossRate: 0,
  slowStart: true,
  maxWindowBytes: 4 * 1024 * 1024,
  connectTimeoutMs: 21_000,
  lostDetectionMs: 20_000,
  transitBps: {},
  isps: [],
  reachability: REACHABILITY_DEFAULTS,
  uplinkQueue: { kind: 'fifo', bufferMs: 100 },
}
