import type { Address } from '../protocol/ids.ts'

const MAX_DOUBLINGS = 16

class Entry {
  readonly address: Address
  /** Failures in a row. */
  failures = 0
  /** Before when it is not tried again. */
  retryAtMs = -Infinity

  constructor(address: Address) {
    this.address = address
  }
}

/**
 * The trackers that somebody may talk to, best first, each a tier of its own (BEP 12). The first that is not backing off is
 * the one to talk to, so that a peer moves on at once when its tracker fails, and comes back when the pause is over.
 */
export class TrackerList {
  readonly #entries: readonly Entry[]
  #current = 0

  constructor(addresses: readonly Address[]) {
    this.#entries = addresses.map((address) => new Entry(address))
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** The tracker that was chosen last. */
  get current(): Address {
    return this.#entries[this.#current].address
  }

  /** Failures in a row of the current tracker. */
  get failures(): number {
    return this.#entries[this.#current].failures
  }

  /** When the next tracker may be tried: not after `nowMs` where one may be at once. */
  get nextTryMs(): number {
    return this.#entries.reduce((least, { retryAtMs }) => Math.min(least, retryAtMs), Infinity)
  }

  /** Whether another tracker than the current one is to be announced to now. */
  prefersAnother(nowMs: number): boolean {
    return this.#best(nowMs) !== this.#current
  }

  /** Chooses the tracker to announce to now: the first that may be tried, or else the one whose pause ends first. */
  choose(nowMs: number): Address {
    this.#current = this.#best(nowMs)
    return this.current
  }

  /** A tracker that is better than the current one and may be tried now. */
  better(nowMs: number): Address | undefined {
    const best = this.#best(nowMs)
    return best < this.#current ? this.#entries[best].address : undefined
  }

  /** From now on this one is the current tracker. */
  use(address: Address): void {
    this.#current = this.#indexOf(address)
  }

  succeeded(): void {
    const entry = this.#entries[this.#current]
    entry.failures = 0
    entry.retryAtMs = -Infinity
  }

  /**
   * A tracker, the current one where none is named, pauses; `jitter` is the factor on its pause, which doubles with each failure
   * in a row. Returns the pause in milliseconds.
   */
  failed(
    nowMs: number,
    backoffMs: number,
    maxBackoffMs: number,
    jitter: number,
    address = this.current,
  ): number {
    const entry = this.#entries[this.#indexOf(address)]
    const longestMs = Math.min(maxBackoffMs, backoffMs * (1 << Math.min(entry.failures++, MAX_DOUBLINGS)))
    entry.retryAtMs = nowMs + longestMs * jitter
    return longestMs * jitter
  }

  #indexOf(address: Address): number {
    return this.#entries.findIndex((entry) => entry.address === address)
  }

  #best(nowMs: number): number {
    const due = this.#entries.findIndex(({ retryAtMs }) => retryAtMs <= nowMs)
    if (due >= 0) return due
    return this.#entries.findIndex(({ retryAtMs }) => retryAtMs === this.nextTryMs)
  }
}
