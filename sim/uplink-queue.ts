import type { FlowNetwork, LinkIndex } from './flow-network.ts'
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
 * The queue in front of one access line: first in, first out. A message waits for the control messages before it, and for
 * the chunk segments that stand in the buffer: as many as the load of the line makes (Pollaczek and Khinchine, for segments
 * of one size), and a full buffer where chunks saturate it.
 */
export class UplinkQueue {
  readonly #flows: FlowNetwork
  readonly #link: LinkIndex
  readonly #byteMs: number
  readonly #bufferMs: number
  #freeMs = 0

  /** `upBps`: nominal rate of the line; `bufferMs`: the longest that a message waits behind chunks. */
  constructor(flows: FlowNetwork, link: LinkIndex, upBps: number, bufferMs: number) {
    this.#flows = flows
    this.#link = link
    this.#byteMs = 1000 / upBps
    this.#bufferMs = bufferMs
  }

  /** When the first of `bytes` handed over at `nowMs` leaves; what is handed over later leaves later. */
  startMs(nowMs: number, bytes: number): number {
    const startMs = Math.max(nowMs + this.#chunkWaitMs(), this.#freeMs)
    this.#freeMs = startMs + bytes * this.#byteMs
    return startMs
  }

  #chunkWaitMs(): number {
    const usedBps = this.#flows.lastUsage(this.#link)
    // Rounding may leave a trace of flows that have ended.
    if (usedBps < 1e-6) return 0
    const capacityBps = this.#flows.capacity(this.#link)
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
