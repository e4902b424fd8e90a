import { mean, quantile } from '../statistics.ts'
import type { WorkloadMeasures } from '../workload.ts'
import type { PlayRecord } from './play.ts'

/** The plays of a run that are measured. */
export class PlayLog {
  readonly #fromMs: number
  readonly #topCount: number
  readonly #plays: PlayRecord[] = []

  /** Plays asked for before `fromMs` are left out; tracks below `topCount` are the top of the catalogue. */
  constructor(fromMs: number, topCount: number) {
    this.#fromMs = fromMs
    this.#topCount = topCount
  }

  get count(): number {
    return this.#plays.length
  }

  add(play: PlayRecord): void {
    if (play.requestedMs >= this.#fromMs) this.#plays.push(play)
  }

  measure(): WorkloadMeasures {
    const plays = this.#plays
    const started = plays.filter(({ latencyMs }) => !Number.isNaN(latencyMs))
    const latencyMs = Float64Array.from(started, (play) => play.latencyMs)
    const sorted = latencyMs.toSorted()
    const ofNetwork = Float64Array.from(
      started.filter(({ wasCached, wasPrefetched }) => !wasCached && !wasPrefetched),
      (play) => play.latencyMs,
    ).toSorted()
    const [server, peers, cache] = (['serverBytes', 'peerBytes', 'cacheBytes'] as const).map((key) =>
      plays.reduce((sum, play) => sum + play[key], 0),
    )
    const heardBytes = server + peers + cache
    const shareOf = (isOne: (play: PlayRecord) => boolean, among = plays): number =>
      among.filter(isOne).length / among.length
    return {
      metrics: {
        server_share: server / heardBytes,
        peer_share: peers / heardBytes,
        cache_share: cache / heardBytes,
        start_latency_p50_ms: quantile(sorted, 0.5),
        start_latency_p75_ms: quantile(sorted, 0.75),
        start_latency_p90_ms: quantile(sorted, 0.9),
        cold_latency_p50_ms: quantile(ofNetwork, 0.5),
        stutter_share: shareOf(({ stalls }) => stalls > 0, started),
        stall_mean_ms: mean(
          Float64Array.from(
            started.filter(({ stalls }) => stalls > 0),
            (play) => play.stallMs,
          ),
        ),
        given_up_share: shareOf(({ isGivenUp }) => isGivenUp),
        cached_play_share: shareOf(({ wasCached }) => wasCached),
        prefetched_play_share: shareOf(({ wasPrefetched }) => wasPrefetched),
        random_access_share: shareOf(({ isRandom }) => isRandom),
        top_tracks_share: shareOf(({ track }) => track < this.#topCount),
        plays: plays.length,
      },
      samples: {
        start_latency_ms: latencyMs,
        cold_latency_ms: ofNetwork,
      },
    }
  }
}
