import type { FlowNetwork, LinkIndex } from './flow-network.ts'
import type { HostRecords } from './host-records.ts'
import { SEGMENT_BYTES } from './tcp.ts'

/**
 * How control messages share a host's up-link with each other and with chunks: not at all (each is sent at once), or in one
 * queue in front of the access line.
 */
export type UplinkQueueSettings =
  | { readonly kind: 'none' }
  /** `bufferMs`: the longest that a message waits behind chunks. */
  | { readonly kind: 'fifo'; readonly bufferMs: number }

/**
 * The queues in front of the access lines: first in, first out. A message waits for the control messages before it, and for
 * the chunk segments that stand in the buffer: as many as the load of the line makes (Pollaczek and Khinchine, for segments
 * of one size), and a full buffer where chunks saturate it.
 */
export class UplinkQueues {
  readonly #flows: FlowNetwork
  readonly #hosts: HostRecords
  readonly #bufferMs: number

  /** `bufferMs`: the longest that a message waits behind chunks. */
  constructor(flows: FlowNetwork, hosts: HostRecords, bufferMs: number) {
    this.#flows = flows
    this.#hosts = hosts
    this.#bufferMs = bufferMs
  }

  /**
   * When the first of `bytes` handed over at `nowMs` to the line of a host, given by its number, leaves; what is handed over
   * later leaves later.
   */
  startMs(host: number, nowMs: number, bytes: number): number {
    const hosts = this.#hosts
    const startMs = Math.max(nowMs + this.#chunkWaitMs(hosts.upLink(host)), hosts.freeMs(host))
    hosts.setFreeMs(host, startMs + bytes * (1000 / hosts.upBps(host)))
    return startMs
  }

  #chunkWaitMs(link: LinkIndex): number {
    const usedBps = this.#flows.lastUsage(link)
    // Rounding may leave a trace of flows that have ended.
    if (usedBps < 1e-6) return 0
    const capacityBps = this.#flows.capacity(link)
    return Math.min(this.#bufferMs, segmentWaitMs(usedBps / capacityBps, capacityBps))
  }
}

/**
 * Mean wait behind full segments at a line of `capacityBps` bytes per second that they use to a share of `load`: the formula
 * of Pollaczek and Khinchine for service times without variance, load / (2 (1 - load)) segments. Infinity from a load of 1.
 */
export function segmentWaitMs(load: number, capacityBps: number): number {
  if (!(load < 1)) return Infinity
  return ((load / (2 * (1 - load))) * 1000 * SEGMENT_BYTES) / capacityBps
}
