import type { Random } from '../../peer/ports/random.ts'
import { power } from '../../peer/protocol/powers.ts'

/** Draws the values of a config from one random stream. */
export class Dice {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** Dice of their own for one part of a config, so that a new draw there changes no other part. */
  for(part: string): Dice {
    return new Dice(this.#random.fork(part))
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random.next() < probability
  }

  /** A whole number, both bounds included. */
  whole(least: number, most: number): number {
    return least + this.#random.below(most - least + 1)
  }

  /** A whole number whose logarithm is uniform: small ones are as likely as large ones. */
  scale(least: number, most: number): number {
    return Math.round(least * power(most / least, this.#random.next()))
  }

  /** A share with two digits. */
  share(most = 1): number {
    return this.whole(0, Math.round(100 * most)) / 100
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]
  }

  /** What `draw` gives with this probability, else nothing. */
  maybe<T extends object>(probability: number, draw: () => T): Partial<T> {
    return this.chance(probability) ? draw() : {}
  }
}
