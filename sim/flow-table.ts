import { FlowArgumentError } from './flow-errors.ts'

/** Links a flow may cross; one more place is kept for the private link that stands for its rate cap. */
export const MAX_PATH_LINKS = 4
export const FLOW_LIMIT = 2 ** 24

/** A flow's record is 64 bytes: 8 doubles or 16 integers of the same buffer. */
export const FLOW_DOUBLES = 8
export const FLOW_INTS = 16
/** Double: served bytes of the limiting link at which the flow ends; bytes left while it has no limiting link. */
export const TARGET = 0
/** Double: rate in bytes per second. */
export const RATE = 1
/** Integers: links of the path. */
export const LINKS = 4
/** Integers: the flow's position in the member list of each link. */
export const POSITIONS = 9
/** Integer: which link of the path limits the flow, −1 for none. */
export const LIMIT = 14
/** Integer: number of links in the path, cap link included. */
export const LENGTH = 15

const GENERATION_MASK = 2 ** 28 - 1

/** Flow records in typed arrays; indices are reused, generations tell the old tenant from the new. */
export class FlowTable {
  doubles = new Float64Array(64 * FLOW_DOUBLES)
  ints = new Int32Array(this.doubles.buffer)
  /** Size in bytes of each flow. */
  sizes = new Float64Array(64)
  /** Order of starting, which breaks ties. */
  sequences = new Float64Array(64)
  /** Callback, first and second payload of flow f at 3f, 3f + 1 and 3f + 2. */
  readonly refs: unknown[] = []
  /** Flows alive. */
  live = 0

  private generations = new Int32Array(64)
  private free = new Int32Array(64)
  private freeCount = 0
  private count = 0
  private started = 0

  /** Takes an index for a new flow of `bytes` bytes, without links, rate or limit. */
  allocate(bytes: number): number {
    const flow = this.freeCount > 0 ? this.free[--this.freeCount] : this.append()
    this.doubles[flow * FLOW_DOUBLES + TARGET] = bytes
    this.doubles[flow * FLOW_DOUBLES + RATE] = 0
    this.ints[flow * FLOW_INTS + LIMIT] = -1
    this.ints[flow * FLOW_INTS + LENGTH] = 0
    this.sizes[flow] = bytes
    this.sequences[flow] = this.started++
    this.live++
    return flow
  }

  release(flow: number): void {
    const at = flow * 3
    this.refs[at] = undefined
    this.refs[at + 1] = undefined
    this.refs[at + 2] = undefined
    this.generations[flow] = (this.generations[flow] + 1) & GENERATION_MASK
    this.free[this.freeCount++] = flow
    this.live--
  }

  idOf(flow: number): number {
    return this.generations[flow] * FLOW_LIMIT + flow
  }

  /** Index behind an id, −1 where the flow has ended. */
  find(id: number): number {
    const generation = Math.floor(id / FLOW_LIMIT)
    const flow = id - generation * FLOW_LIMIT
    // A released index carries its next generation already, which no id given out so far has.
    return flow < this.count && this.generations[flow] === generation ? flow : -1
  }

  private append(): number {
    const flow = this.count
    if (flow === FLOW_LIMIT) throw new FlowArgumentError('number of flows', flow + 1, `up to ${FLOW_LIMIT}`)
    if (flow === this.sizes.length) this.grow()
    this.refs.push(undefined, undefined, undefined)
    this.count++
    return flow
  }

  private grow(): void {
    const length = this.sizes.length * 2
    const doubles = new Float64Array(length * FLOW_DOUBLES)
    doubles.set(this.doubles)
    this.doubles = doubles
    this.ints = new Int32Array(doubles.buffer)
    const sizes = new Float64Array(length)
    sizes.set(this.sizes)
    this.sizes = sizes
    const sequences = new Float64Array(length)
    sequences.set(this.sequences)
    this.sequences = sequences
    const generations = new Int32Array(length)
    generations.set(this.generations)
    this.generations = generations
    const free = new Int32Array(length)
    free.set(this.free)
    this.free = free
  }
}
