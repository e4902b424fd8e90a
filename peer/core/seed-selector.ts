import { FEATURE_COUNT, FEATURE_INDEX } from '../protocol/features.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { CandidateSet, Ranker } from '../ports/ranker.ts'
import type { Random } from '../ports/random.ts'
import type { Recorder } from '../ports/recorder.ts'
import type { Neighbour } from './neighbour.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { SwarmOptions } from './options.ts'
import { truncate } from './remove-from.ts'

/** What a decision leaves behind for its outcome row. */
export interface Decision {
  readonly candidateIds: readonly PeerId[]
  readonly features: Float32Array
  readonly scores: Float32Array
  readonly chosen: number
  readonly propensity: number
  readonly explored: boolean
}

export interface Choice {
  readonly neighbour: Neighbour
  /** Present where the recorder wants the row. */
  readonly decision: Decision | undefined
}

/** How much neighbours hold, as far as they have told. */
export interface HeldShares {
  /** Share of the chunks that the neighbour with this row holds, 0 to 1. */
  share(row: number): number
}

const F = FEATURE_INDEX

// Filled and read within one choice, and shared by all peers of a process.
const ids: PeerId[] = []
const set: { -readonly [K in keyof CandidateSet]: CandidateSet[K] } = {
  place: 'peer',
  requesterId: '',
  count: 0,
  peerIds: ids,
  features: new Float32Array(0),
}

/** Asks the ranker which holder of a chunk to fetch it from. */
export class SeedSelector {
  readonly #ranker: Ranker
  readonly #recorder: Recorder
  readonly #random: Random
  readonly #options: SwarmOptions
  readonly #held: HeldShares
  readonly #table: NeighbourTable

  constructor(
    ranker: Ranker,
    recorder: Recorder,
    random: Random,
    options: SwarmOptions,
    held: HeldShares,
    table: NeighbourTable,
  ) {
    this.#ranker = ranker
    this.#recorder = recorder
    this.#random = random
    this.#options = options
    this.#held = held
    this.#table = table
  }

  /**
   * Chooses among the holders with the given rows (at least one); where they are too many for the ranker, among a random
   * subset. Reorders `holders`.
   */
  choose(holders: number[], nowMs: number): Choice {
    this.#cut(holders)
    const isRecorded = this.#recorder.wants('peer')
    const count = holders.length
    for (let i = 0; i < count; i++) ids[i] = this.#table.peerId(holders[i])
    if (isRecorded || this.#ranker.readsFeatures) {
      this.#makeRoom()
      for (let i = 0; i < count; i++) this.#fill(i * FEATURE_COUNT, holders[i], nowMs)
    }
    set.requesterId = this.#options.peerId
    set.count = count
    const ranking = this.#ranker.rank(set, 1)
    const chosen = ranking.order[0]
    return {
      neighbour: this.#table.neighbour(holders[chosen]),
      decision: isRecorded
        ? {
            candidateIds: ids.slice(0, count),
            features: set.features.slice(0, count * FEATURE_COUNT),
            scores: ranking.scores.slice(0, count),
            chosen,
            propensity: ranking.propensity,
            explored: ranking.explored,
          }
        : undefined,
    }
  }

  #makeRoom(): void {
    const size = this.#options.settings.maxCandidates * FEATURE_COUNT
    if (set.features.length < size) set.features = new Float32Array(size).fill(NaN)
  }

  #cut(holders: number[]): void {
    const { maxCandidates } = this.#options.settings
    if (holders.length <= maxCandidates) return
    for (let i = 0; i < maxCandidates; i++) {
      const j = i + this.#random.below(holders.length - i)
      const swap = holders[i]
      holders[i] = holders[j]
      holders[j] = swap
    }
    truncate(holders, maxCandidates)
  }

  #fill(at: number, row: number, nowMs: number): void {
    const out = set.features
    const table = this.#table
    const { known, link } = table.neighbour(row)
    const isHeard = table.isNewer(row, known)
    out[at + F.rtt_ms] = link.rttMs
    out[at + F.same_region] = known.region === this.#options.region ? 1 : 0
    out[at + F.goodput_bps] = known.goodputBps
    out[at + F.ttfb_ms] = known.ttfbMs
    out[at + F.reported_goodput_bps] = known.reportedGoodputBps
    out[at + F.reported_success] = known.reportedSuccess
    out[at + F.upload_bps] = known.uploadBps
    out[at + F.active_uploads] = isHeard ? table.active(row) : known.active
    out[at + F.queued_uploads] = isHeard ? table.queued(row) : known.queued
    out[at + F.upload_slots] = known.uploadSlots
    out[at + F.load_age_ms] = nowMs - (isHeard ? table.loadAtMs(row) : known.loadAtMs)
    out[at + F.own_inflight] = table.inflight(row)
    out[at + F.own_ok] = known.okCount
    out[at + F.own_failed] = known.failedCount
    out[at + F.own_busy] = known.busyCount
    const heardShare = this.#held.share(row)
    out[at + F.completeness] = known.completeness > heardShare ? known.completeness : heardShare
    out[at + F.session_age_ms] = nowMs - known.joinedMs
  }
}
