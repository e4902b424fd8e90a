import { KernelCapacityError } from './kernel-errors.ts'

/** What an event calls, with the two payload values given when it was scheduled. */
export type EventHandler = (a: unknown, b: unknown) => void

const LEVEL_BITS = 10
const BUCKETS = 1 << LEVEL_BITS
const BUCKET_MASK = BUCKETS - 1
const LEVELS = 3
const ERA_TICKS = 1 << (LEVEL_BITS * LEVELS)
const WORDS = BUCKETS >> 5
const OVERFLOW = LEVELS * BUCKETS
const SLOT_LIMIT = 2 ** 24
const GENERATION_MASK = 2 ** 28 - 1
const SWEEP_MINIMUM = 4096

/**
 * Priority queue of events in the exact order (time, sequence).
 *
 * Events of the current tick sit in a small 4-ary heap; later ones wait unsorted in a hierarchical timing
 * wheel (three levels of 1,024 buckets; what lies further off waits in one overflow list) and reach the heap
 * when their tick comes. A bucket only has to hold the right tick, so the order is exact whatever the width.
 */
export class EventQueue {
  /** Events neither executed nor cancelled. */
  live = 0
  /** Handler, first and second payload of slot s at 3s, 3s + 1 and 3s + 2; undefined once cancelled or free. */
  readonly refs: unknown[] = []

  private readonly ticksPerMs: number
  private times = new Float64Array(1024)
  private sequences = new Float64Array(1024)
  private nexts = new Int32Array(1024)
  private generations = new Int32Array(1024)
  private slotCount = 0
  private freeHead = -1
  private cancelled = 0
  private sweepAt = SWEEP_MINIMUM

  private heapSize = 0
  private heapTimes = new Float64Array(1024)
  private heapSequences = new Float64Array(1024)
  private heapSlots = new Int32Array(1024)

  private readonly heads = new Int32Array(OVERFLOW + 1).fill(-1)
  private readonly occupied = new Int32Array(LEVELS * WORDS)
  private tick = 0
  private era = 0

  constructor(tickMs: number) {
    this.ticksPerMs = 1 / tickMs
  }

  /** Adds an event and returns its slot. Sequences must increase from call to call. */
  push(timeMs: number, sequence: number, handler: EventHandler, a: unknown, b: unknown): number {
    const slot = this.freeHead >= 0 ? this.freeHead : this.addSlot()
    this.freeHead = this.nexts[slot]
    this.times[slot] = timeMs
    this.sequences[slot] = sequence
    const at = slot * 3
    this.refs[at] = handler
    this.refs[at + 1] = a
    this.refs[at + 2] = b
    this.live++
    this.place(slot, timeMs)
    return slot
  }

  generationOf(slot: number): number {
    return this.generations[slot]
  }

  /** Drops a pending event; false where the generation is stale. */
  cancel(slot: number, generation: number): boolean {
    if (slot >= this.slotCount || this.generations[slot] !== generation) return false
    this.retire(slot)
    this.cancelled++
    if (this.cancelled > this.sweepAt && this.cancelled > this.live) this.sweep()
    return true
  }

  /** Time of the earliest event, Infinity when there is none. */
  peekMs(): number {
    if (this.heapSize > 0 && this.refs[this.heapSlots[0] * 3] !== undefined) return this.heapTimes[0]
    return this.seek()
  }

  /** Sequence of the event that `peekMs` found. */
  get nextSequence(): number {
    return this.heapSequences[0]
  }

  /** Slot of the event that `peekMs` found, taken off the queue. Read `refs`, then `release` it. */
  pop(): number {
    const slot = this.heapSlots[0]
    this.removeRoot()
    return slot
  }

  /** Frees a popped slot, forgetting handler and payload; its handle is stale from now on. */
  release(slot: number): void {
    this.retire(slot)
    this.free(slot)
  }

  private retire(slot: number): void {
    const at = slot * 3
    this.refs[at] = undefined
    this.refs[at + 1] = undefined
    this.refs[at + 2] = undefined
    this.generations[slot] = (this.generations[slot] + 1) & GENERATION_MASK
    this.live--
  }

  private free(slot: number): void {
    this.nexts[slot] = this.freeHead
    this.freeHead = slot
  }

  private addSlot(): number {
    const slot = this.slotCount
    if (slot === SLOT_LIMIT) throw new KernelCapacityError(SLOT_LIMIT)
    if (slot === this.times.length) this.growSlots()
    this.refs.push(undefined, undefined, undefined)
    this.nexts[slot] = -1
    this.slotCount++
    return slot
  }

  private growSlots(): void {
    const length = this.times.length * 2
    this.times = widen(this.times, new Float64Array(length))
    this.sequences = widen(this.sequences, new Float64Array(length))
    this.nexts = widen(this.nexts, new Int32Array(length))
    this.generations = widen(this.generations, new Int32Array(length))
  }

  private place(slot: number, timeMs: number): void {
    const ticks = Math.floor(timeMs * this.ticksPerMs)
    const era = ticks < ERA_TICKS ? 0 : Math.floor(ticks / ERA_TICKS)
    if (era > this.era) return this.link(slot, OVERFLOW)
    const tick = era < this.era ? -1 : ticks - era * ERA_TICKS
    const now = this.tick
    if (tick <= now) return this.pushHeap(slot, timeMs)
    let level = 0
    let index = tick
    if (tick >> LEVEL_BITS !== now >> LEVEL_BITS) {
      level = tick >> (2 * LEVEL_BITS) === now >> (2 * LEVEL_BITS) ? 1 : 2
      index = tick >> (level * LEVEL_BITS)
    }
    const bucket = index & BUCKET_MASK
    this.occupied[level * WORDS + (bucket >> 5)] |= 1 << (bucket & 31)
    this.link(slot, level * BUCKETS + bucket)
  }

  private link(slot: number, list: number): void {
    this.nexts[slot] = this.heads[list]
    this.heads[list] = slot
  }

  private seek(): number {
    for (;;) {
      while (this.heapSize > 0) {
        const slot = this.heapSlots[0]
        if (this.refs[slot * 3] !== undefined) return this.heapTimes[0]
        this.removeRoot()
        this.cancelled--
        this.free(slot)
      }
      if (!this.advance()) return Infinity
    }
  }

  /** Moves the wheel to the next occupied bucket; level 0 fills the heap, others cascade. */
  private advance(): boolean {
    for (let level = 0; level < LEVELS; level++) {
      const shift = level * LEVEL_BITS
      const bucket = this.nextBucket(level, (this.tick >> shift) & BUCKET_MASK)
      if (bucket < 0) continue
      this.tick = ((this.tick >> (shift + LEVEL_BITS)) << (shift + LEVEL_BITS)) | (bucket << shift)
      this.occupied[level * WORDS + (bucket >> 5)] &= ~(1 << (bucket & 31))
      this.scatter(level * BUCKETS + bucket)
      return true
    }
    return this.nextEra()
  }

  /** Buckets up to the current one are empty: what belongs there is in the heap already. */
  private nextBucket(level: number, current: number): number {
    for (let word = current >> 5; word < WORDS; word++) {
      const bits = this.occupied[level * WORDS + word]
      if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits)
    }
    return -1
  }

  private nextEra(): boolean {
    let earliest = Infinity
    for (let slot = this.heads[OVERFLOW]; slot >= 0; slot = this.nexts[slot]) {
      earliest = Math.min(earliest, this.times[slot])
    }
    if (earliest === Infinity) return false
    this.era = Math.floor(Math.floor(earliest * this.ticksPerMs) / ERA_TICKS)
    this.tick = 0
    this.scatter(OVERFLOW)
    return true
  }

  private scatter(list: number): void {
    let slot = this.heads[list]
    this.heads[list] = -1
    while (slot >= 0) {
      const next = this.nexts[slot]
      if (this.refs[slot * 3] !== undefined) {
        this.place(slot, this.times[slot])
      } else {
        this.cancelled--
        this.free(slot)
      }
      slot = next
    }
  }

  /** Frees cancelled events that still wait in the wheel, so that long timers cannot pile up. */
  private sweep(): void {
    for (let list = 0; list <= OVERFLOW; list++) {
      let slot = this.heads[list]
      this.heads[list] = -1
      while (slot >= 0) {
        const next = this.nexts[slot]
        if (this.refs[slot * 3] !== undefined) {
          this.link(slot, list)
        } else {
          this.cancelled--
          this.free(slot)
        }
        slot = next
      }
    }
    // What is left sits in the heap, where only its tick frees it; a sweep now would find nothing.
    this.sweepAt = Math.max(SWEEP_MINIMUM, this.cancelled * 2)
  }

  private pushHeap(slot: number, timeMs: number): void {
    if (this.heapSize === this.heapSlots.length) this.growHeap()
    const times = this.heapTimes
    const sequences = this.heapSequences
    const slots = this.heapSlots
    const sequence = this.sequences[slot]
    let hole = this.heapSize++
    while (hole > 0) {
      const parent = (hole - 1) >> 2
      const time = times[parent]
      if (time < timeMs || (time === timeMs && sequences[parent] < sequence)) break
      times[hole] = time
      sequences[hole] = sequences[parent]
      slots[hole] = slots[parent]
      hole = parent
    }
    times[hole] = timeMs
    sequences[hole] = sequence
    slots[hole] = slot
  }

  private removeRoot(): void {
    const times = this.heapTimes
    const sequences = this.heapSequences
    const slots = this.heapSlots
    const size = --this.heapSize
    const timeMs = times[size]
    const sequence = sequences[size]
    let hole = 0
    for (;;) {
      let child = hole * 4 + 1
      if (child >= size) break
      let best = child
      let bestTime = times[child]
      const end = child + 4 < size ? child + 4 : size
      while (++child < end) {
        const time = times[child]
        if (time < bestTime || (time === bestTime && sequences[child] < sequences[best])) {
          best = child
          bestTime = time
        }
      }
      if (bestTime > timeMs || (bestTime === timeMs && sequences[best] > sequence)) break
      times[hole] = bestTime
      sequences[hole] = sequences[best]
      slots[hole] = slots[best]
      hole = best
    }
    times[hole] = timeMs
    sequences[hole] = sequence
    slots[hole] = slots[size]
  }

  private growHeap(): void {
    const length = this.heapSlots.length * 2
    this.heapTimes = widen(this.heapTimes, new Float64Array(length))
    this.heapSequences = widen(this.heapSequences, new Float64Array(length))
    this.heapSlots = widen(this.heapSlots, new Int32Array(length))
  }
}

function widen<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
