import type { AccessTraces } from './host-variation.ts'
import type { NatShares } from './nat.ts'

const MBIT = 1e6 / 8

/** How a group of hosts is connected. */
export interface AccessClass {
  readonly name: string
  /** Bytes per second. */
  readonly upBps: number
  /** Bytes per second. */
  readonly downBps: number
  /** Mean one-way delay between its hosts and their provider's core. */
  readonly lastMileMs: number
  /** Share of the hosts, relative to the other classes' weights. */
  readonly weight: number
  /** How its hosts' capacities change over time; left out: they don't. */
  readonly traces?: AccessTraces
  /** Weight of each NAT type among its hosts; left out: those of all hosts. */
  readonly nat?: NatShares
}

/**
 * Fixed lines: p5, p50 and p95 over countries of the mean access rates of April 2020 (Speedtest, as parsed by the Shadow
 * authors): down 11.5 / 36.2 / 138, up 8.6 / 19.9 / 115 Mbit/s. Mobile: mean down rates of the 3G traces of Riiser 2013
 * (0.99 Mbit/s) and the LTE traces of van der Hooft 2016 (31.9 Mbit/s). The up rates of the mobile classes, the last-mile
 * delays and the weights are assumptions.
 */
export const DEFAULT_ACCESS_CLASSES: readonly AccessClass[] = [
  { name: 'slow', upBps: 8.6 * MBIT, downBps: 11.5 * MBIT, lastMileMs: 12, weight: 0.25 },
  { name: 'typical', upBps: 19.9 * MBIT, downBps: 36.2 * MBIT, lastMileMs: 8, weight: 0.45 },
  { name: 'fast', upBps: 115 * MBIT, downBps: 138 * MBIT, lastMileMs: 3, weight: 0.2 },
  { name: 'lte', upBps: 10 * MBIT, downBps: 31.9 * MBIT, lastMileMs: 20, weight: 0.08 },
  { name: '3g', upBps: 0.4 * MBIT, downBps: 0.99 * MBIT, lastMileMs: 50, weight: 0.02 },
]
