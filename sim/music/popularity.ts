import { power } from '../../peer/protocol/powers.ts'
/**
 * Zipf–Mandelbrot law over ranks 1 to `count`: weight(rank) = 1 / (rank + shift)^exponent (Mandelbrot 1953). Ranks are
 * given from 0.
 */
export class Popularity {
  readonly exponent: number
  readonly #cumulative: Float64Array

  constructor(count: number, shift: number, exponent: number) {
    this.exponent = exponent
    this.#cumulative = new Float64Array(count)
    let sum = 0
    for (let rank = 0; rank < count; rank++) {
      sum += power(rank + 1 + shift, -exponent)
      this.#cumulative[rank] = sum
    }
    for (let rank = 0; rank < count; rank++) this.#cumulative[rank] /= sum
  }

  /** The law whose `topShare` of the ranks has `weightShare` of the weight. */
  static skewed(count: number, shift: number, topShare: number, weightShare: number): Popularity {
    const top = Math.max(1, Math.round(topShare * count))
    let [low, high] = [0, 64]
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2
      if (new Popularity(count, shift, middle).shareOfTop(top) < weightShare) low = middle
      else high = middle
    }
    return new Popularity(count, shift, high)
  }

  /** Share of the weight that the first `top` ranks have. */
  shareOfTop(top: number): number {
    return top <= 0 ? 0 : this.#cumulative[Math.min(top, this.#cumulative.length) - 1]
  }

  /** The rank at a quantile (0 to 1) of the law. */
  rankAt(quantile: number): number {
    let [low, high] = [0, this.#cumulative.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#cumulative[middle] > quantile) high = middle
      else low = middle + 1
    }
    return low
  }
}
