import { BLOCK_BYTES } from './wire-limits.ts'

const MISSING = 0
const ASKED = 1
const HELD = 2

/** One chunk as its blocks come in, from one neighbour. */
export class BlockAssembly {
  readonly chunk: number
  readonly data: Uint8Array
  readonly #states: Uint8Array
  #missing: number
  #next = 0
  heldBytes = 0

  constructor(chunk: number, bytes: number) {
    this.chunk = chunk
    this.data = Buffer.allocUnsafeSlow(bytes)
    this.#states = new Uint8Array(Math.ceil(bytes / BLOCK_BYTES))
    this.#missing = this.#states.length
  }

  get isWhole(): boolean {
    return this.heldBytes === this.data.length
  }

  /** Whether there are blocks that nobody was asked for. */
  get hasMissing(): boolean {
    return this.#missing > 0
  }

  sizeOf(block: number): number {
    return Math.min(BLOCK_BYTES, this.data.length - block * BLOCK_BYTES)
  }

  /** Takes the next block to ask for; only where `hasMissing`. */
  ask(): number {
    while (this.#states[this.#next] !== MISSING) this.#next++
    this.#states[this.#next] = ASKED
    this.#missing--
    return this.#next++
  }

  /** A block was asked for in vain. */
  unask(block: number): void {
    if (this.#states[block] !== ASKED) return
    this.#states[block] = MISSING
    this.#missing++
    this.#next = Math.min(this.#next, block)
  }

  /** All blocks that were asked for and have not come. */
  asked(): number[] {
    const blocks: number[] = []
    this.#states.forEach((state, block) => state === ASKED && blocks.push(block))
    return blocks
  }

  keep(block: number, bytes: Uint8Array): void {
    if (this.#states[block] === HELD) return
    if (this.#states[block] === MISSING) this.#missing--
    this.#states[block] = HELD
    this.data.set(bytes, block * BLOCK_BYTES)
    this.heldBytes += bytes.length
  }
}
