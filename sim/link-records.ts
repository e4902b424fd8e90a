import type { LinkEnd } from './link-end.ts'
import { SKIPPED_DOUBLES, doubled } from './records.ts'
import { INITIAL_WINDOW_BYTES } from './tcp.ts'

// Both ends of a link share one cache line of 8 doubles: 6 of times, by end, and 4 integers. Slots are numbered so that the
// two ends of a link differ in their last bit only.
const DOUBLES = 8
const INTS = 16
const ONE_WAY_MS = 0
const BYTE_MS = 2
const LAST_ARRIVAL_MS = 4
const NODE = 12
const FLAGS = 14

const NO_NODE = -1
// The flags: whether news can wait, one more than the row in 15 bits, whether both hosts are peers', and requests that are
// not answered.
const NEWS_CAN_WAIT = 1
const ROW_SHIFT = 1
const ROW_MASK = 0x7fff
const AMONG_PEERS = 1 << 16
const REQUESTS_SHIFT = 17
const ONE_REQUEST = 1 << REQUESTS_SHIFT

/** Between two messages of a link at the least, so that no two arrive at one time and their order is never in doubt. */
const LEAST_GAP_MS = 1e-6

const doublesAt = (slot: number): number => SKIPPED_DOUBLES + (slot >> 1) * DOUBLES + (slot & 1)
const intsAt = (slot: number): number => 2 * SKIPPED_DOUBLES + (slot >> 1) * INTS + (slot & 1)

/**
 * What sending touches of all links, a record a link: most messages of a swarm go over one of hundreds of thousands of
 * links, visited in no order, and each object on the way would have to be fetched from memory.
 */
export class LinkRecords {
  /** The end of each slot in use. */
  readonly ends: (LinkEnd | undefined)[] = []
  #doubles: Float64Array = new Float64Array(SKIPPED_DOUBLES + 1024 * DOUBLES)
  #ints = new Int32Array(this.#doubles.buffer)
  /** Congestion window of each slot towards the other side, and when it was last filled: only chunks look at it. */
  #windows: Float64Array = new Float64Array(4 * 1024)
  /** The even slots of the links that are free. */
  readonly #free: number[] = []
  /** What `touch` has read, so that its reads are of some use and stay. */
  touched = 0

  /** Takes a slot for the end that dials: the node, its propagation delay, and the time for a byte of a control message. */
  dial(node: number, oneWayMs: number, byteMs: number): number {
    const slot = this.#free.pop() ?? this.#append()
    this.#ints[intsAt(slot + 1) + NODE] = NO_NODE
    this.#open(slot, node, oneWayMs, byteMs)
    return slot
  }

  /** Takes the slot for the end that accepts what was dialled from `dialled`. */
  accept(dialled: number, node: number, oneWayMs: number, byteMs: number): number {
    const slot = dialled ^ 1
    this.#open(slot, node, oneWayMs, byteMs)
    return slot
  }

  /** Gives a slot back. */
  release(slot: number): void {
    this.ends[slot] = undefined
    this.#ints[intsAt(slot) + NODE] = NO_NODE
    if (this.#ints[intsAt(slot ^ 1) + NODE] === NO_NODE) this.#free.push(slot & ~1)
  }

  /** Node of the other end; -1 where there is none, or none any more. */
  otherNode(slot: number): number {
    return this.#ints[intsAt(slot ^ 1) + NODE]
  }

  newsCanWait(slot: number): boolean {
    return (this.#ints[intsAt(slot) + FLAGS] & NEWS_CAN_WAIT) !== 0
  }

  setNewsCanWait(slot: number, value: boolean): void {
    const at = intsAt(slot) + FLAGS
    this.#ints[at] = (this.#ints[at] & ~NEWS_CAN_WAIT) | (value ? NEWS_CAN_WAIT : 0)
  }

  /** What the owner of the end knows the link by; -1 where it has not said. */
  newsRow(slot: number): number {
    return ((this.#ints[intsAt(slot) + FLAGS] >> ROW_SHIFT) & ROW_MASK) - 1
  }

  /** Rows that are too high for the record are left out: the link is known by itself then. */
  setNewsRow(slot: number, row: number): void {
    const at = intsAt(slot) + FLAGS
    if (row < ROW_MASK)
      this.#ints[at] = (this.#ints[at] & ~(ROW_MASK << ROW_SHIFT)) | ((row + 1) << ROW_SHIFT)
  }

  /** Whether the hosts of both sides are peers', and no servers. */
  isAmongPeers(slot: number): boolean {
    return (this.#ints[intsAt(slot) + FLAGS] & AMONG_PEERS) !== 0
  }

  markAmongPeers(slot: number): void {
    this.#ints[intsAt(slot) + FLAGS] |= AMONG_PEERS
  }

  /** Requests sent from the end that the other side has not answered. */
  pendingRequests(slot: number): number {
    return this.#ints[intsAt(slot) + FLAGS] >>> REQUESTS_SHIFT
  }

  countRequests(slot: number, change: number): void {
    this.#ints[intsAt(slot) + FLAGS] += change * ONE_REQUEST
  }

  oneWayMs(slot: number): number {
    return this.#doubles[doublesAt(slot) + ONE_WAY_MS]
  }

  setOneWayMs(slot: number, ms: number): void {
    this.#doubles[doublesAt(slot) + ONE_WAY_MS] = ms
  }

  /** When what was sent last arrives. */
  lastArrivalMs(slot: number): number {
    return this.#doubles[doublesAt(slot) + LAST_ARRIVAL_MS]
  }

  /** When `bytes` that leave from `startMs` on arrive, `noiseMs` late, but after all that was sent earlier; notes it down. */
  nextArrivalMs(slot: number, startMs: number, bytes: number, noiseMs: number): number {
    const doubles = this.#doubles
    const at = doublesAt(slot)
    let atMs = startMs + doubles[at + ONE_WAY_MS] + bytes * doubles[at + BYTE_MS] + noiseMs
    if (atMs <= doubles[at + LAST_ARRIVAL_MS]) atMs = doubles[at + LAST_ARRIVAL_MS] + LEAST_GAP_MS
    doubles[at + LAST_ARRIVAL_MS] = atMs
    return atMs
  }

  /** Reads the records of several links, so that what follows finds them in the cache. */
  touch(slots: readonly number[]): void {
    let sum = 0
    for (let i = 0; i < slots.length; i++) sum += this.#ints[intsAt(slots[i]) + NODE]
    this.touched = sum
  }

  /** Congestion window towards the other side, and when it was last filled. */
  windowBytes(slot: number): number {
    return this.#windows[2 * slot]
  }

  windowUsedMs(slot: number): number {
    return this.#windows[2 * slot + 1]
  }

  setWindow(slot: number, bytes: number, usedMs: number): void {
    this.#windows[2 * slot] = bytes
    this.#windows[2 * slot + 1] = usedMs
  }

  #open(slot: number, node: number, oneWayMs: number, byteMs: number): void {
    const at = doublesAt(slot)
    this.#doubles[at + ONE_WAY_MS] = oneWayMs
    this.#doubles[at + BYTE_MS] = byteMs
    this.#doubles[at + LAST_ARRIVAL_MS] = 0
    this.#ints[intsAt(slot) + NODE] = node
    this.#ints[intsAt(slot) + FLAGS] = 0
    this.setWindow(slot, INITIAL_WINDOW_BYTES, 0)
  }

  #append(): number {
    const slot = this.ends.length
    if (doublesAt(slot) === this.#doubles.length) {
      this.#doubles = doubled(this.#doubles, SKIPPED_DOUBLES)
      this.#ints = new Int32Array(this.#doubles.buffer)
      this.#windows = doubled(this.#windows, 0)
    }
    this.ends.push(undefined, undefined)
    return slot
  }
}
