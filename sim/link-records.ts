import type { LinkEnd } from './link-end.ts'
import { INITIAL_WINDOW_BYTES } from './tcp.ts'

// A record is one cache line: 8 doubles or 16 integers of the same buffer.
const DOUBLES = 8
const INTS = 16
const ONE_WAY_MS = 0
const BYTE_MS = 1
const LAST_ARRIVAL_MS = 2
const WINDOW_BYTES = 3
const WINDOW_USED_MS = 4
const NODE = 10
const PEER = 11
const NEWS_CAN_WAIT = 12

/** Between two messages of a link at the least, so that no two arrive at one time and their order is never in doubt. */
const LEAST_GAP_MS = 1e-6

/**
 * What sending touches of all link ends, a record an end: most messages of a swarm go over one of hundreds of thousands of
 * links, visited in no order, and each object on the way would have to be fetched from memory.
 */
export class LinkRecords {
  /** The end of each record in use. */
  readonly ends: (LinkEnd | undefined)[] = []
  #doubles = new Float64Array(1024 * DOUBLES)
  #ints = new Int32Array(this.#doubles.buffer)
  readonly #free: number[] = []

  /** Takes a record for an end of a node: its propagation delay, and the time for a byte of a control message. */
  allocate(node: number, oneWayMs: number, byteMs: number): number {
    const slot = this.#free.pop() ?? this.#append()
    const at = slot * DOUBLES
    this.#doubles[at + ONE_WAY_MS] = oneWayMs
    this.#doubles[at + BYTE_MS] = byteMs
    this.#doubles[at + LAST_ARRIVAL_MS] = 0
    this.#doubles[at + WINDOW_BYTES] = INITIAL_WINDOW_BYTES
    this.#doubles[at + WINDOW_USED_MS] = 0
    this.#ints[slot * INTS + NODE] = node
    this.#ints[slot * INTS + PEER] = -1
    this.#ints[slot * INTS + NEWS_CAN_WAIT] = 0
    return slot
  }

  /** Gives a record back; its peer has none to send to any more. */
  release(slot: number): void {
    const peer = this.#ints[slot * INTS + PEER]
    if (peer >= 0) this.#ints[peer * INTS + PEER] = -1
    this.ends[slot] = undefined
    this.#free.push(slot)
  }

  pair(one: number, other: number): void {
    this.#ints[one * INTS + PEER] = other
    this.#ints[other * INTS + PEER] = one
  }

  node(slot: number): number {
    return this.#ints[slot * INTS + NODE]
  }

  /** Record of the other end; -1 where there is none, or none any more. */
  peer(slot: number): number {
    return this.#ints[slot * INTS + PEER]
  }

  newsCanWait(slot: number): boolean {
    return this.#ints[slot * INTS + NEWS_CAN_WAIT] === 1
  }

  setNewsCanWait(slot: number, value: boolean): void {
    this.#ints[slot * INTS + NEWS_CAN_WAIT] = value ? 1 : 0
  }

  oneWayMs(slot: number): number {
    return this.#doubles[slot * DOUBLES + ONE_WAY_MS]
  }

  setOneWayMs(slot: number, ms: number): void {
    this.#doubles[slot * DOUBLES + ONE_WAY_MS] = ms
  }

  /** When what was sent last arrives. */
  lastArrivalMs(slot: number): number {
    return this.#doubles[slot * DOUBLES + LAST_ARRIVAL_MS]
  }

  /** When `bytes` that leave from `startMs` on arrive, `noiseMs` late, but after all that was sent earlier; notes it down. */
  nextArrivalMs(slot: number, startMs: number, bytes: number, noiseMs: number): number {
    const doubles = this.#doubles
    const at = slot * DOUBLES
    let atMs = startMs + doubles[at + ONE_WAY_MS] + bytes * doubles[at + BYTE_MS] + noiseMs
    if (atMs <= doubles[at + LAST_ARRIVAL_MS]) atMs = doubles[at + LAST_ARRIVAL_MS] + LEAST_GAP_MS
    doubles[at + LAST_ARRIVAL_MS] = atMs
    return atMs
  }

  /** Congestion window towards the other side, and when it was last filled. */
  windowBytes(slot: number): number {
    return this.#doubles[slot * DOUBLES + WINDOW_BYTES]
  }

  windowUsedMs(slot: number): number {
    return this.#doubles[slot * DOUBLES + WINDOW_USED_MS]
  }

  setWindow(slot: number, bytes: number, usedMs: number): void {
    this.#doubles[slot * DOUBLES + WINDOW_BYTES] = bytes
    this.#doubles[slot * DOUBLES + WINDOW_USED_MS] = usedMs
  }

  #append(): number {
    const slot = this.ends.length
    if (slot * DOUBLES === this.#doubles.length) {
      const larger = new Float64Array(2 * this.#doubles.length)
      larger.set(this.#doubles)
      this.#doubles = larger
      this.#ints = new Int32Array(larger.buffer)
    }
    this.ends.push(undefined)
    return slot
  }
}
