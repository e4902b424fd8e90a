import type { PeerId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { FetchReport, OutcomeReport } from '../protocol/messages.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Network } from '../ports/network.ts'
import type { Neighbour } from './neighbour.ts'
import type { SwarmOptions } from './options.ts'
import type { PeerBook } from './peer-book.ts'

/** How often one neighbour is listened to at most. */
const MIN_GAP_MS = 1_000
/** What one message may say of one seed: who tells more is heard no louder. */
const MAX_VOTES = 2

/** Tells neighbours how fetches went, and hears it from them: what a tracker tells that takes reports, where there is none. */
export class Gossip {
  readonly #clock: Clock
  readonly #network: Network
  readonly #options: SwarmOptions
  readonly #book: PeerBook
  readonly #neighbours: readonly Neighbour[]
  readonly #heardMs = new WeakMap<Neighbour, number>()
  #reports: FetchReport[] = []
  #timer: Timer | undefined

  constructor(
    clock: Clock,
    network: Network,
    options: SwarmOptions,
    book: PeerBook,
    neighbours: readonly Neighbour[],
  ) {
    this.#clock = clock
    this.#network = network
    this.#options = options
    this.#book = book
    this.#neighbours = neighbours
  }

  /** A fetch of this peer has ended. */
  note(report: FetchReport): void {
    this.#reports.push(report)
    if (this.#reports.length > LIMITS.reportsPerMessage) this.#reports.shift()
    this.#timer ??= this.#clock.setTimer(this.#options.settings.gossipMs, () => this.#tell())
  }

  /** A neighbour tells how its fetches went. */
  hear(neighbour: Neighbour, { reports }: OutcomeReport): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - (this.#heardMs.get(neighbour) ?? -Infinity) < MIN_GAP_MS) return
    this.#heardMs.set(neighbour, nowMs)
    const votes = new Map<PeerId, number>()
    for (const report of reports) {
      const vote = (votes.get(report.seedId) ?? 0) + 1
      votes.set(report.seedId, vote)
      // Nobody's word counts on itself.
      if (vote <= MAX_VOTES && report.seedId !== neighbour.known.peerId)
        this.#book.get(report.seedId)?.hearReport(report)
    }
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #tell(): void {
    this.#timer = undefined
    const { manifest, peerId } = this.#options
    const report: OutcomeReport = {
      ...{ type: 'report', contentId: manifest.contentId, peerId, reports: this.#reports },
    }
    this.#reports = []
    for (const neighbour of this.#neighbours) this.#network.send(neighbour.link, report)
  }
}
