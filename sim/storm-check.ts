import type { InvariantLog } from './invariants.ts'
import { mostDials, mostMessages, type Occasions } from './retry-bound.ts'
import type { NodeAccount, SimNode } from './sim-node.ts'

interface Counts {
  readonly atMs: number
  readonly dials: number
  readonly messages: number
  readonly chunks: number
  readonly made: number
  readonly accepted: number
  readonly answers: number
  readonly restarts: number
  readonly acts: number
  /** Cores that have begun, and those that live. */
  readonly begun: number
  readonly living: number
}

const NOTHING: Counts = {
  ...{ atMs: 0, dials: 0, messages: 0, chunks: 0, made: 0, accepted: 0, answers: 0 },
  ...{ restarts: 0, acts: 0, begun: 0, living: 0 },
}

/** Looks from time to time whether nodes try again and again without the pauses that their settings ask for. */
export class StormCheck {
  readonly #log: InvariantLog
  readonly #trackers: number
  readonly #last = new Map<SimNode, Counts>()

  constructor(log: InvariantLog, trackers: number) {
    this.#log = log
    this.#trackers = trackers
  }

  /** Checks all that nodes have done since the last time. */
  check(nodes: readonly SimNode[], nowMs: number): void {
    const origins = nodes.filter(({ role }) => role === 'origin').length
    for (const node of nodes) {
      const accounts = [...node.accounts()]
      const settings = accounts.at(-1)?.settings
      if (!settings) continue
      const before = this.#last.get(node) ?? { ...NOTHING, atMs: node.arrivedMs }
      const now = countsOf(node, accounts, nowMs)
      this.#last.set(node, now)
      const occasions = this.#occasions(node, before, now, origins)
      const { dials, seconds } = occasions
      const besides = node.besides(occasions)
      this.#expect(node, 'dials', dials, mostDials(settings, occasions) + besides.dials, seconds)
      const messages = now.messages - before.messages
      this.#expect(node, 'messages', messages, mostMessages(settings, occasions) + besides.messages, seconds)
    }
  }

  #occasions(node: SimNode, before: Counts, now: Counts, origins: number): Occasions {
    const made = now.made - before.made
    return {
      // A node goes by its own clock.
      seconds: ((now.atMs - before.atMs) * node.clockRate) / 1000,
      members: before.living + now.begun - before.begun,
      atOnce: node.mostMembers,
      // A standby that takes over tells of all that it has kept.
      chunks: now.chunks - before.chunks + (made > 0 ? made + [...node.accounts()].at(-1)!.claimedChunks : 0),
      restarts: now.restarts - before.restarts,
      acts: now.acts - before.acts,
      dials: now.dials - before.dials,
      accepted: now.accepted - before.accepted,
      answers: now.answers - before.answers,
      lapsesPerS: node.lapsesPerS,
      trackers: this.#trackers,
      origins,
    }
  }

  #expect(node: SimNode, what: string, count: number, most: number, seconds: number): void {
    this.#log.check(
      count <= most,
      'no retry storm',
      () => `${node.label}: ${count} ${what} in ${seconds} s, at most ${Math.floor(most)} allowed`,
    )
  }
}

function countsOf(node: SimNode, accounts: readonly NodeAccount[], atMs: number): Counts {
  const { dials, sentMessages, chunks, accepted } = node.network
  return {
    ...{ atMs, dials, messages: sentMessages, chunks, made: node.madeChunks, accepted },
    answers: accounts.reduce((sum, { stats }) => sum + stats.answeredAnnounces, 0),
    restarts: node.restartCount,
    acts: node.actCount,
    begun: accounts.length,
    living: accounts.filter(({ usage }) => usage).length,
  }
}
