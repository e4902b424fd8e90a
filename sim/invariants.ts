import { InvariantViolationError } from './errors.ts'

/** Every check by name; a violation names the one it breaks. */
export const INVARIANTS = [
  'bytes offered = arrived + abandoned + under way',
  'no host over its capacity',
  'no link over its capacity',
  'no chunk accepted with a wrong digest',
  'no fetch completes twice',
  'no delivery before send + transmission + propagation',
  'messages of a link arrive in order',
  'peers count the bytes that the network carried',
  'no completion before the Kumar-Ross bound',
  'no chunk spreads faster than the snow-ball bound',
  'no live stream beats its rate bound',
  'no room stays when its members have gone',
  'the revision of a room never goes back at a member',
  'connected members know the last revision of their room',
  'no node over its limits',
  'no queue over its limit',
  'no retry storm',
] as const
export type Invariant = (typeof INVARIANTS)[number]

/** Who is told of a broken invariant. */
export interface Audit {
  violate(invariant: Invariant, what: string): void
}

const MOST_KEPT = 20

/** Collects violations; `throwIfBroken` turns them into one error that says how to replay the run. */
export class InvariantLog implements Audit {
  readonly violations: string[] = []
  readonly #seed: string
  readonly #nowMs: () => number

  constructor(seed: string, nowMs: () => number) {
    this.#seed = seed
    this.#nowMs = nowMs
  }

  violate(invariant: Invariant, what: string): void {
    if (this.violations.length < MOST_KEPT)
      this.violations.push(`${invariant}: ${what} at ${this.#nowMs().toFixed(3)} ms`)
  }

  check(holds: boolean, invariant: Invariant, what: () => string): void {
    if (!holds) this.violate(invariant, what())
  }

  throwIfBroken(): void {
    if (this.violations.length > 0) throw new InvariantViolationError(this.#seed, this.violations)
  }
}
