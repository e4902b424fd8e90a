import { INITIAL_WINDOW_BYTES } from './tcp.ts'

const ONE_WAY_MS = 0
const BYTE_MS = 1
const LAST_ARRIVAL_MS = 2
const WINDOW_BYTES = 3
const WINDOW_USED_MS = 4
/** One cache line. */
const STRIDE = 8

/**
 * The numbers of all link ends, side by side: a number in an object's field is an object of its own, and there are
 * hundreds of thousands of ends, visited in no order.
 */
export class LinkFigures {
  #values = new Float64Array(1024 * STRIDE)
  readonly #free: number[] = []
  #count = 0

  /** Takes a slot for an end with this propagation delay, and this time for a byte of a control message. */
  allocate(oneWayMs: number, byteMs: number): number {
    const slot = this.#free.pop() ?? this.#append()
    const at = slot * STRIDE
    this.#values[at + ONE_WAY_MS] = oneWayMs
    this.#values[at + BYTE_MS] = byteMs
    this.#values[at + LAST_ARRIVAL_MS] = 0
    this.#values[at + WINDOW_BYTES] = INITIAL_WINDOW_BYTES
    this.#values[at + WINDOW_USED_MS] = 0
    return slot
  }

  release(slot: number): void {
    this.#free.push(slot)
  }

  oneWayMs(slot: number): number {
    return this.#values[slot * STRIDE + ONE_WAY_MS]
  }

  /** When what was sent last arrives; nothing sent later arrives earlier. */
  lastArrivalMs(slot: number): number {
    return this.#values[slot * STRIDE + LAST_ARRIVAL_MS]
  }

  /** When `bytes` sent at `nowMs` arrive, `noiseMs` late, but not before what was sent earlier; notes it down. */
  nextArrivalMs(slot: number, nowMs: number, bytes: number, noiseMs: number): number {
    const values = this.#values
    const at = slot * STRIDE
    let atMs = nowMs + values[at + ONE_WAY_MS] + bytes * values[at + BYTE_MS] + noiseMs
    if (atMs < values[at + LAST_ARRIVAL_MS]) atMs = values[at + LAST_ARRIVAL_MS]
    values[at + LAST_ARRIVAL_MS] = atMs
    return atMs
  }

  /** Congestion window towards the other side, and when it was last filled. */
  windowBytes(slot: number): number {
    return this.#values[slot * STRIDE + WINDOW_BYTES]
  }

  windowUsedMs(slot: number): number {
    return this.#values[slot * STRIDE + WINDOW_USED_MS]
  }

  setWindow(slot: number, bytes: number, usedMs: number): void {
    this.#values[slot * STRIDE + WINDOW_BYTES] = bytes
    this.#values[slot * STRIDE + WINDOW_USED_MS] = usedMs
  }

  #append(): number {
    if (this.#count * STRIDE === this.#values.length) {
      const larger = new Float64Array(2 * this.#values.length)
      larger.set(this.#values)
      this.#values = larger
    }
    return this.#count++
  }
}
