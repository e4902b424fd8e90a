/**
 * Random numbers for what happens to every single message. Marsaglia's xorshift with a multiplier (xorshift32*): its state
 * is one small integer, so that a draw allocates nothing.
 */
export class NoiseStream {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0 || 1
  }

  /** Uniform in [0, 1). */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (Math.imul(state, 0x9e3779bb) >>> 0) / 2 ** 32
  }
}
