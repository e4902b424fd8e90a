import type { Have, Interested } from '../peer/protocol/messages.ts'
import type { LinkHandler } from '../peer/ports/network.ts'
import type { Kernel } from './kernel.ts'
import { UP } from './link-end.ts'
import type { LinkRecords } from './link-records.ts'
import { doubled } from './records.ts'
import type { Transfer } from './transfer.ts'

/** A node catches up at the latest when so much waits. */
const MOST_WAITING = 256
const FEWEST_PLACES = 8

// A piece of news is 16 bytes, 2 doubles or 4 integers of the same buffer: when it arrives, whose it is, and what it says.
const DOUBLES = 2
const INTS = 4
const ARRIVAL_MS = 0
const KEY = 2
const NEWS = 3

// A node's inbox is 4 integers: its first piece, how many there is room for, how many wait, and what the node can wait for.
const NODE_INTS = 4
const START = 0
const PLACES = 1
const COUNT = 2
const PATIENCE = 3
const NEWS_CAN_WAIT = 1
const INTEREST_CAN_WAIT = 2
/** The last place in the order of events that a piece has room for. */
const MOST_SEQUENCE = 2 ** 32 - 1

/** The key of a piece that says that the other side of a link wants nothing any more is so much above its row. */
const UNINTERESTED = 2 ** 20
/** The key of a piece that waits no more: it has been told, or its link is gone. */
const DROPPED = -(2 ** 31)
/** The key of the beginning of a chunk is this less the place of its transfer. */
const FIRST_BEGINNING = -(2 ** 30)

/**
 * News of chunks that has come, or is still on its way, to nodes that have said that such news can wait. It is handed over
 * before the node hears or does anything that could depend on it, each piece at the time of its arrival as the node's clock
 * tells it: the outcome is the same as if every piece had been an event of its own, which most messages of a swarm would be.
 * What waits for one node lies side by side in one array, where it is written and read with few misses of the cache.
 */
export class Inboxes {
  /** What clocks say while a node catches up; NaN at other times. */
  asOfMs = NaN
  readonly #kernel: Kernel
  readonly #links: LinkRecords
  readonly #handlers: LinkHandler[] = []
  #doubles: Float64Array = new Float64Array(1024 * DOUBLES)
  #ints = new Int32Array(this.#doubles.buffer)
  #nodes = new Int32Array(64 * NODE_INTS)
  #used = 0
  /** Where rooms that have been outgrown begin, by the logarithm of their places. */
  readonly #free: number[][] = []
  /** The chunks whose beginnings wait. */
  readonly #transfers: (Transfer | undefined)[] = []
  readonly #freeTransfers: number[] = []
  /** What a node that catches up is being told, in pieces like those that wait. */
  #dueDoubles: Float64Array = new Float64Array(2 * MOST_WAITING * DOUBLES)
  #dueInts = new Int32Array(this.#dueDoubles.buffer)
  #dueNode = -1
  #dueFrom = 0
  #dueEnd = 0
  /** What `touch` has read, so that its reads are of some use and stay. */
  touched = 0

  constructor(kernel: Kernel, links: LinkRecords) {
    this.#kernel = kernel
    this.#links = links
  }

  /** Opens the inbox of a new node. */
  open(node: number): void {
    if ((node + 1) * NODE_INTS <= this.#nodes.length) return
    const larger = new Int32Array(2 * this.#nodes.length)
    larger.set(this.#nodes)
    this.#nodes = larger
  }

  /** Names who is told what waits for a node. */
  attach(node: number, handler: LinkHandler): void {
    this.#handlers[node] = handler
  }

  /** Whether news on links that allow it may wait. */
  isPatient(node: number): boolean {
    return (this.#nodes[node * NODE_INTS + PATIENCE] & NEWS_CAN_WAIT) !== 0
  }

  setPatient(node: number, value: boolean): void {
    this.#setPatience(node, NEWS_CAN_WAIT, value)
    if (!value) this.release(node)
  }

  /** Whether it may wait that others lose interest in what the node has. */
  isIndifferent(node: number): boolean {
    return (this.#nodes[node * NODE_INTS + PATIENCE] & INTEREST_CAN_WAIT) !== 0
  }

  setIndifferent(node: number, value: boolean): void {
    this.#setPatience(node, INTEREST_CAN_WAIT, value)
    if (!value) this.#wakeFor(node, (key) => key >= UNINTERESTED)
  }

  #setPatience(node: number, what: number, value: boolean): void {
    const at = node * NODE_INTS + PATIENCE
    this.#nodes[at] = value ? this.#nodes[at] | what : this.#nodes[at] & ~what
  }

  /** Reads where news over these links will be put, so that what follows finds it in the cache. */
  touch(slots: readonly number[]): void {
    let sum = 0
    for (let i = 0; i < slots.length; i++) {
      const node = this.#links.otherNode(slots[i])
      if (node < 0) continue
      const inbox = node * NODE_INTS
      sum += this.#ints[(this.#nodes[inbox + START] + this.#nodes[inbox + COUNT]) * INTS]
    }
    this.touched = sum
  }

  /** Keeps news for the end of a link, of a patient node, until the node hears or does something. */
  put(node: number, slot: number, { chunk, active, queued }: Have, arrivalMs: number): void {
    this.#makeRoom(node)
    // What the node has heard meanwhile may have made it end the link.
    if (this.#links.otherNode(slot ^ 1) !== node) return
    const row = this.#links.newsRow(slot)
    // Chunk numbers have 16 bits, load counters 8.
    this.#put(node, row >= 0 ? row : ~slot, (chunk << 16) | (active << 8) | queued, arrivalMs)
  }

  /** Keeps for the end of a link that the other side wants nothing any more; returns whether that is so, and can wait. */
  putInterest(slot: number, { interested }: Interested, arrivalMs: number): boolean {
    if (interested) return false
    const node = this.#links.otherNode(slot ^ 1)
    if (node < 0 || !this.isIndifferent(node)) return false
    this.#makeRoom(node)
    const row = this.#links.newsRow(slot)
    if (row < 0 || !this.isIndifferent(node) || this.#links.otherNode(slot ^ 1) !== node) return false
    const sequence = this.#kernel.takeSequence()
    if (sequence > MOST_SEQUENCE) return false
    this.#put(node, UNINTERESTED + row, sequence, arrivalMs)
    return true
  }

  /** Whether it may wait to be told that a chunk begins to come: its receiver's handler takes news. */
  takes({ end, to }: Transfer): boolean {
    return this.#handlers[to]?.news !== undefined && end.peer!.state === UP
  }

  /** The same for a chunk that begins, whether the node is patient or not: it changes only what later choices and outcomes tell. */
  putBeginning(transfer: Transfer): void {
    this.#makeRoom(transfer.to)
    if (transfer.end.peer!.state !== UP) return
    const place = this.#freeTransfers.pop() ?? this.#transfers.length
    this.#transfers[place] = transfer
    this.#put(transfer.to, FIRST_BEGINNING - place, 0, transfer.beginsMs)
  }

  #makeRoom(node: number): void {
    if (this.#nodes[node * NODE_INTS + COUNT] >= MOST_WAITING) this.catchUp(node)
  }

  #put(node: number, key: number, news: number, arrivalMs: number): void {
    const inbox = node * NODE_INTS
    const count = this.#nodes[inbox + COUNT]
    if (count === this.#nodes[inbox + PLACES]) this.#grow(inbox)
    this.#nodes[inbox + COUNT] = count + 1
    const piece = this.#nodes[inbox + START] + count
    this.#doubles[piece * DOUBLES + ARRIVAL_MS] = arrivalMs
    this.#ints[piece * INTS + KEY] = key
    this.#ints[piece * INTS + NEWS] = news
  }

  /** Hands over all that has arrived by now. Call before the node hears what could make it choose, and before its timers fire. */
  catchUp(node: number): void {
    if (this.#nodes[node * NODE_INTS + COUNT] === 0) return
    const from = this.#dueEnd
    this.#take(node)
    const end = this.#dueEnd
    if (end === from) return
    const outerNode = this.#dueNode
    const outerFrom = this.#dueFrom
    const outerMs = this.asOfMs
    this.#dueNode = node
    this.#dueFrom = from
    const handler = this.#handlers[node]
    for (let i = from; i < end; i++) {
      const key = this.#dueInts[i * INTS + KEY]
      if (key === DROPPED) continue
      this.#dueInts[i * INTS + KEY] = DROPPED
      this.asOfMs = this.#dueDoubles[i * DOUBLES + ARRIVAL_MS]
      this.#tell(handler, key, this.#dueInts[i * INTS + NEWS])
    }
    this.#dueNode = outerNode
    this.#dueFrom = outerFrom
    this.#dueEnd = from
    this.asOfMs = outerMs
  }

  /** Wakes the node for all news that is on its way: from now on it may matter at once. */
  release(node: number): void {
    this.#wakeFor(node, (key) => key > FIRST_BEGINNING && key < UNINTERESTED)
  }

  #wakeFor(node: number, matters: (key: number) => boolean): void {
    const start = this.#nodes[node * NODE_INTS + START]
    const end = start + this.#nodes[node * NODE_INTS + COUNT]
    for (let piece = start; piece < end; piece++) {
      if (!matters(this.#ints[piece * INTS + KEY])) continue
      const arrivalMs = this.#doubles[piece * DOUBLES + ARRIVAL_MS]
      this.#kernel.scheduleAt(Math.max(arrivalMs, this.#kernel.nowMs), wake, this, node)
    }
  }

  /** Drops what is on its way to the end of a link that is gone. */
  drop(node: number, slot: number): void {
    const inbox = node * NODE_INTS
    const row = this.#links.newsRow(slot)
    const key = row >= 0 ? row : ~slot
    if (node === this.#dueNode)
      for (let i = this.#dueFrom; i < this.#dueEnd; i++)
        if (this.#isOf(this.#dueInts[i * INTS + KEY], key, slot)) this.#dueInts[i * INTS + KEY] = DROPPED
    const start = this.#nodes[inbox + START]
    const end = start + this.#nodes[inbox + COUNT]
    let kept = start
    for (let piece = start; piece < end; piece++)
      if (!this.#isOf(this.#ints[piece * INTS + KEY], key, slot)) this.#move(piece, kept++)
    this.#nodes[inbox + COUNT] = kept - start
  }

  /** Gives up the room of a node that is gone, and has no links any more; it opens again by itself. */
  close(node: number): void {
    const inbox = node * NODE_INTS
    this.#giveUp(this.#nodes[inbox + START], this.#nodes[inbox + PLACES])
    this.#nodes[inbox + PLACES] = this.#nodes[inbox + COUNT] = 0
  }

  /** Whether a piece is of the link with this key and slot; gives up the place of its transfer. */
  #isOf(one: number, key: number, slot: number): boolean {
    if (one > FIRST_BEGINNING || one === DROPPED)
      return one === key || (key >= 0 && one === key + UNINTERESTED)
    if ((this.#transfers[FIRST_BEGINNING - one]!.end.slot ^ 1) !== slot) return false
    this.#takeTransfer(FIRST_BEGINNING - one)
    return true
  }

  /** Whether what arrives now comes after the event that is being executed: news of chunks may come before it. */
  #isLater(piece: number, key: number): boolean {
    if (key > FIRST_BEGINNING && key < UNINTERESTED) return false
    const sequence =
      key >= UNINTERESTED
        ? this.#ints[piece * INTS + NEWS] >>> 0
        : this.#transfers[FIRST_BEGINNING - key]!.beginsSequence
    return !this.#kernel.isPast(sequence)
  }

  #takeTransfer(place: number): Transfer {
    const transfer = this.#transfers[place]!
    this.#transfers[place] = undefined
    this.#freeTransfers.push(place)
    return transfer
  }

  /** `key`: of the link, its handler's row or the inverse of its slot; or of a transfer. */
  #tell(handler: LinkHandler, key: number, news: number): void {
    if (key <= FIRST_BEGINNING) return this.#takeTransfer(FIRST_BEGINNING - key).begins()
    if (key >= UNINTERESTED) return handler.uninterested!(key - UNINTERESTED)
    const chunk = news >>> 16
    const active = (news >>> 8) & 255
    const queued = news & 255
    if (key >= 0) return handler.news!(key, chunk, active, queued)
    const end = this.#links.ends[~key]
    if (end?.state === UP) end.handler.message(end, { type: 'have', chunk, active, queued })
  }

  /** Moves the pieces that have arrived to those that are due. */
  #take(node: number): void {
    const { nowMs } = this.#kernel
    const inbox = node * NODE_INTS
    const start = this.#nodes[inbox + START]
    const end = start + this.#nodes[inbox + COUNT]
    let kept = start
    for (let piece = start; piece < end; piece++) {
      const arrivalMs = this.#doubles[piece * DOUBLES + ARRIVAL_MS]
      const key = this.#ints[piece * INTS + KEY]
      if (arrivalMs > nowMs || (arrivalMs === nowMs && this.#isLater(piece, key))) {
        this.#move(piece, kept++)
        continue
      }
      const due = this.#dueEnd++
      if (due * INTS === this.#dueInts.length) this.#growDue()
      this.#dueDoubles[due * DOUBLES + ARRIVAL_MS] = arrivalMs
      this.#dueInts[due * INTS + KEY] = key
      this.#dueInts[due * INTS + NEWS] = this.#ints[piece * INTS + NEWS]
    }
    this.#nodes[inbox + COUNT] = kept - start
  }

  #move(from: number, to: number): void {
    if (from === to) return
    this.#doubles[to * DOUBLES + ARRIVAL_MS] = this.#doubles[from * DOUBLES + ARRIVAL_MS]
    this.#ints[to * INTS + KEY] = this.#ints[from * INTS + KEY]
    this.#ints[to * INTS + NEWS] = this.#ints[from * INTS + NEWS]
  }

  #growDue(): void {
    this.#dueDoubles = doubled(this.#dueDoubles, 0)
    this.#dueInts = new Int32Array(this.#dueDoubles.buffer)
  }

  #grow(inbox: number): void {
    const places = this.#nodes[inbox + PLACES]
    const start = this.#nodes[inbox + START]
    const more = Math.max(FEWEST_PLACES, 2 * places)
    const room = this.#allocate(more)
    this.#doubles.copyWithin(room * DOUBLES, start * DOUBLES, (start + places) * DOUBLES)
    this.#giveUp(start, places)
    this.#nodes[inbox + START] = room
    this.#nodes[inbox + PLACES] = more
  }

  #allocate(places: number): number {
    const free = this.#free[Math.log2(places)]?.pop()
    if (free !== undefined) return free
    const room = this.#used
    this.#used += places
    // Beyond the last room is one place more, which `touch` may read.
    while ((this.#used + 1) * DOUBLES > this.#doubles.length) {
      this.#doubles = doubled(this.#doubles, 0)
      this.#ints = new Int32Array(this.#doubles.buffer)
    }
    return room
  }

  #giveUp(room: number, places: number): void {
    if (places > 0) (this.#free[Math.log2(places)] ??= []).push(room)
  }
}

function wake(inboxes: Inboxes, node: number): void {
  inboxes.catchUp(node)
}
