import type { Random } from '../../peer/ports/random.ts'

/** Draws distinct numbers below a bound; keeps one mark for each number of the largest bound that it was given. */
export class Sampler {
  #marks = new Uint32Array(256)
  #draw = 0

  /** Writes `count` different numbers below `bound`, or all, to `out`, in no meaningful order; returns how many. */
  draw(bound: number, count: number, random: Random, out: Uint32Array): number {
    if (count >= bound) {
      for (let number = 0; number < bound; number++) out[number] = number
      return bound
    }
    if (count <= bound / 2) {
      this.#mark(bound, count, random, out)
      return count
    }
    // The fewer are drawn: those that are left out.
    this.#mark(bound, bound - count, random)
    let written = 0
    for (let number = 0; number < bound; number++)
      if (this.#marks[number] !== this.#draw) out[written++] = number
    return written
  }

  #mark(bound: number, count: number, random: Random, out?: Uint32Array): void {
    if (this.#marks.length < bound) this.#marks = new Uint32Array(2 * bound)
    this.#draw = (this.#draw + 1) >>> 0
    if (this.#draw === 0) {
      this.#marks.fill(0)
      this.#draw = 1
    }
    for (let drawn = 0; drawn < count;) {
      const number = random.below(bound)
      if (this.#marks[number] === this.#draw) continue
      this.#marks[number] = this.#draw
      if (out) out[drawn] = number
      drawn++
    }
  }
}
