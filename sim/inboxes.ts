import type { Have } from '../peer/protocol/messages.ts'
import type { Kernel } from './kernel.ts'
import { UP } from './link-end.ts'
import type { LinkRecords } from './link-records.ts'

/** A node catches up at the latest when so much waits. */
const MOST_WAITING = 256

// A piece of news is 24 bytes: 3 doubles or 6 integers of the same buffer.
const DOUBLES = 3
const INTS = 6
const ARRIVAL_MS = 0
const SLOT = 2
const NEWS = 3
const NEXT = 4

// A node's inbox is 3 integers: its newest piece (-1 for none), how many wait, whether the node is patient.
const NODE_INTS = 3
const NEWEST = 0
const COUNT = 1
const PATIENT = 2

/**
 * News of chunks that has come, or is still on its way, to nodes that have said that such news can wait. It is handed over
 * before the node hears or does anything that could depend on it, each piece at the time of its arrival as the node's clock
 * tells it: the outcome is the same as if every piece had been an event of its own, which most messages of a swarm would be.
 */
export class Inboxes {
  /** What clocks say while a node catches up; NaN at other times. */
  asOfMs = NaN
  readonly #kernel: Kernel
  readonly #links: LinkRecords
  #doubles = new Float64Array(1024 * DOUBLES)
  #ints = new Int32Array(this.#doubles.buffer)
  #nodes = new Int32Array(64 * NODE_INTS)
  #firstFree = -1
  #used = 0
  /** Pieces that are due, newest first. */
  readonly #due: number[] = []

  constructor(kernel: Kernel, links: LinkRecords) {
    this.#kernel = kernel
    this.#links = links
  }

  /** Opens the inbox of a new node. */
  open(node: number): void {
    if ((node + 1) * NODE_INTS > this.#nodes.length) {
      const larger = new Int32Array(2 * this.#nodes.length)
      larger.set(this.#nodes)
      this.#nodes = larger
    }
    this.#nodes[node * NODE_INTS + NEWEST] = -1
  }

  /** Whether news on links that allow it may wait. */
  isPatient(node: number): boolean {
    return this.#nodes[node * NODE_INTS + PATIENT] === 1
  }

  setPatient(node: number, value: boolean): void {
    this.#nodes[node * NODE_INTS + PATIENT] = value ? 1 : 0
    if (!value) this.release(node)
  }

  /** Keeps news for the end of a link, of a patient node, until the node hears or does something. */
  put(node: number, slot: number, { chunk, active, queued }: Have, arrivalMs: number): void {
    if (this.#nodes[node * NODE_INTS + COUNT] >= MOST_WAITING) this.catchUp(node)
    const piece = this.#allocate()
    this.#doubles[piece * DOUBLES + ARRIVAL_MS] = arrivalMs
    this.#ints[piece * INTS + SLOT] = slot
    // Chunk numbers have 16 bits, load counters 8.
    this.#ints[piece * INTS + NEWS] = (chunk << 16) | (active << 8) | queued
    this.#ints[piece * INTS + NEXT] = this.#nodes[node * NODE_INTS + NEWEST]
    this.#nodes[node * NODE_INTS + NEWEST] = piece
    this.#nodes[node * NODE_INTS + COUNT]++
  }

  /** Hands over all that has arrived by now. Call before the node hears what could make it choose, and before its timers fire. */
  catchUp(node: number): void {
    if (this.#nodes[node * NODE_INTS + NEWEST] < 0) return
    const from = this.#take(node, this.#kernel.nowMs)
    const due = this.#due
    while (due.length > from) {
      const piece = due.pop()!
      const end = this.#links.ends[this.#ints[piece * INTS + SLOT]]!
      this.asOfMs = this.#doubles[piece * DOUBLES + ARRIVAL_MS]
      const news = this.#free(piece)
      if (end.state === UP) end.handler.message(end, news)
    }
    this.asOfMs = NaN
  }

  /** Wakes the node for all that is on its way: from now on it may matter at once. */
  release(node: number): void {
    for (
      let piece = this.#nodes[node * NODE_INTS + NEWEST];
      piece >= 0;
      piece = this.#ints[piece * INTS + NEXT]
    ) {
      const arrivalMs = this.#doubles[piece * DOUBLES + ARRIVAL_MS]
      this.#kernel.scheduleAt(Math.max(arrivalMs, this.#kernel.nowMs), wake, this, node)
    }
  }

  /** Drops what is on its way to the end of a link that is gone. */
  drop(node: number, slot: number): void {
    if (this.#nodes[node * NODE_INTS + NEWEST] < 0) return
    const from = this.#take(node, Infinity)
    const pieces = this.#due.splice(from)
    for (const piece of pieces.reverse()) {
      if (this.#ints[piece * INTS + SLOT] === slot) {
        this.#free(piece)
        continue
      }
      this.#ints[piece * INTS + NEXT] = this.#nodes[node * NODE_INTS + NEWEST]
      this.#nodes[node * NODE_INTS + NEWEST] = piece
      this.#nodes[node * NODE_INTS + COUNT]++
    }
  }

  /** Moves the pieces that arrive by `untilMs` onto the stack of those that are due; returns where they begin. */
  #take(node: number, untilMs: number): number {
    const from = this.#due.length
    let lastKept = -1
    let next: number
    for (let piece = this.#nodes[node * NODE_INTS + NEWEST]; piece >= 0; piece = next) {
      next = this.#ints[piece * INTS + NEXT]
      if (this.#doubles[piece * DOUBLES + ARRIVAL_MS] > untilMs) {
        lastKept = piece
        continue
      }
      if (lastKept < 0) this.#nodes[node * NODE_INTS + NEWEST] = next
      else this.#ints[lastKept * INTS + NEXT] = next
      this.#nodes[node * NODE_INTS + COUNT]--
      this.#due.push(piece)
    }
    return from
  }

  #allocate(): number {
    const piece = this.#firstFree
    if (piece >= 0) {
      this.#firstFree = this.#ints[piece * INTS + NEXT]
      return piece
    }
    if (this.#used * DOUBLES === this.#doubles.length) {
      const larger = new Float64Array(2 * this.#doubles.length)
      larger.set(this.#doubles)
      this.#doubles = larger
      this.#ints = new Int32Array(larger.buffer)
    }
    return this.#used++
  }

  #free(piece: number): Have {
    const news = this.#ints[piece * INTS + NEWS]
    this.#ints[piece * INTS + NEXT] = this.#firstFree
    this.#firstFree = piece
    return { type: 'have', chunk: news >>> 16, active: (news >>> 8) & 255, queued: news & 255 }
  }
}

function wake(inboxes: Inboxes, node: number): void {
  inboxes.catchUp(node)
}
