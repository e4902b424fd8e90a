import type { InvariantLog } from './invariants.ts'
import { mostDials, mostMessages } from './retry-bound.ts'
import type { SimNode } from './sim-node.ts'

interface Counts {
  readonly atMs: number
  readonly dials: number
  readonly messages: number
  readonly chunks: number
  readonly made: number
  readonly accepted: number
}

/** A storm grows without bound: what is a little over what the settings explain is none. */
const MARGIN = 2

const NOTHING: Counts = { atMs: 0, dials: 0, messages: 0, chunks: 0, made: 0, accepted: 0 }

/** Looks from time to time whether nodes try again and again without the pauses that their settings ask for. */
export class StormCheck {
  readonly #log: InvariantLog
  readonly #trackers: number
  readonly #last = new Map<SimNode, Counts>()

  constructor(log: InvariantLog, trackers: number) {
    this.#log = log
    this.#trackers = trackers
  }

  /** Checks all that nodes of one core have done since the last time. */
  check(nodes: readonly SimNode[], nowMs: number): void {
    for (const node of nodes) {
      const account = [...node.accounts()].at(-1)
      if (!account?.settings) continue
      const { settings, claimedChunks } = account
      const before = this.#last.get(node) ?? { ...NOTHING, atMs: node.arrivedMs }
      const now = countsOf(node, nowMs)
      this.#last.set(node, now)
      const occasions = {
        seconds: (nowMs - before.atMs) / 1000,
        // A standby that takes over tells of all that it has kept.
        chunks:
          now.chunks - before.chunks + (now.made > before.made ? now.made - before.made + claimedChunks : 0),
        accepted: now.accepted - before.accepted,
        trackers: this.#trackers,
      }
      this.#expect(node, 'dials', now.dials - before.dials, mostDials(settings, occasions), occasions.seconds)
      const messages = now.messages - before.messages
      this.#expect(node, 'messages', messages, mostMessages(settings, occasions), occasions.seconds)
    }
  }

  #expect(node: SimNode, what: string, count: number, most: number, seconds: number): void {
    this.#log.check(
      count <= MARGIN * most,
      'no retry storm',
      () => `${node.label}: ${count} ${what} in ${seconds} s, at most ${Math.floor(MARGIN * most)} allowed`,
    )
  }
}

function countsOf({ network, madeChunks }: SimNode, atMs: number): Counts {
  const { dials, sentMessages, chunks, accepted } = network
  return { atMs, dials, messages: sentMessages, chunks, made: madeChunks, accepted }
}
