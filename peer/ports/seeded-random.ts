import seedrandom from 'seedrandom'
import type { Random } from './random.ts'

/** A random stream named by its seed text (Johannes Baagøe's Alea generator, from seedrandom). */
export class SeededRandom implements Random {
  readonly #seed: string
  readonly #draw: () => number

  constructor(seed: string | number) {
    this.#seed = String(seed)
    this.#draw = seedrandom.alea(this.#seed)
  }

  next(): number {
    return this.#draw()
  }

  below(bound: number): number {
    return Math.floor(this.#draw() * bound)
  }

  fork(...labels: readonly (string | number)[]): SeededRandom {
    return new SeededRandom(`${this.#seed}/${labels.join('/')}`)
  }
}

/** Shuffles in place (Fisher-Yates). */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const swap = items[i]
    items[i] = items[j]
    items[j] = swap
  }
  return items
}

/** `count` different items in random order; all of them where there are fewer. Leaves `items` as it is. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  const pool = items.slice()
  const taken = Math.min(count, pool.length)
  for (let i = 0; i < taken; i++) {
    const j = i + random.below(pool.length - i)
    const swap = pool[i]
    pool[i] = pool[j]
    pool[j] = swap
  }
  pool.length = taken
  return pool
}
