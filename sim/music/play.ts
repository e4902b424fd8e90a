import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { chunkSize } from '../../peer/protocol/manifest.ts'
import type { Clock, Timer } from '../../peer/ports/clock.ts'
import type { MusicConfig } from './config.ts'
import type { Visit } from './person.ts'
import { type Deck, FROM_PEERS, FROM_SERVER, type TrackCore } from './track-core.ts'

/** What became of one play. Times in milliseconds, NaN for never; bytes are those heard, by where they came from. */
export interface PlayRecord {
  readonly track: number
  readonly isRandom: boolean
  readonly requestedMs: number
  readonly latencyMs: number
  readonly stalls: number
  readonly stallMs: number
  readonly heardMs: number
  /** Whether all of the track was in the cache when it was asked for. */
  readonly wasCached: boolean
  /** Whether some of it had been fetched ahead of the request. */
  readonly wasPrefetched: boolean
  readonly isGivenUp: boolean
  readonly serverBytes: number
  readonly peerBytes: number
  readonly cacheBytes: number
}

export interface PlayHost {
  /** The track is over for the listener, one way or another. */
  over(): void
  /** So little is left of the track that peers, or the server too, are to be asked for the next one. */
  ahead(fromServer: boolean): void
}

/** One person hears one track: from the request to where they go on to another one. */
export class Play {
  readonly visit: Visit
  readonly core: TrackCore
  readonly #clock: Clock
  readonly #config: MusicConfig
  readonly #host: PlayHost
  readonly #deck: Deck
  readonly #requestedMs: number
  readonly #wasCached: boolean
  readonly #wasPrefetched: boolean
  readonly #heard: ChunkSet
  readonly #timers = new Set<Timer>()
  #segmentMs = 0
  #heardAtLookMs = 0
  #latencyMs = NaN
  #isGivenUp = false
  #isOver = false

  /** `openMs`: what passes before the player may begin, whatever is there. */
  constructor(
    visit: Visit,
    core: TrackCore,
    clock: Clock,
    config: MusicConfig,
    openMs: number,
    host: PlayHost,
  ) {
    this.visit = visit
    this.core = core
    this.#clock = clock
    this.#config = config
    this.#host = host
    this.#requestedMs = clock.nowMs()
    this.#wasCached =
      core.peer.isComplete && !core.origins.includes(FROM_SERVER) && !core.origins.includes(FROM_PEERS)
    this.#wasPrefetched = core.origins.some((origin) => origin === FROM_SERVER || origin === FROM_PEERS)
    this.#heard = new ChunkSet(core.recording.chunkCount)
    this.#deck = core.prepare(clock, config, 'all')
    this.#deck.player.listen(() => this.#look())
    this.#after(openMs, () => this.#deck.player.play())
    this.#after(1000 * config.taste.patienceS, () => this.#losePatience())
  }

  /** Ends the play and tells what became of it. */
  end(): PlayRecord {
    this.#isOver = true
    for (const timer of this.#timers) this.#clock.clearTimer(timer)
    const { player } = this.#deck
    this.#markHeard()
    const bytes = [0, 0, 0, 0]
    const { manifest } = this.core.recording.content
    this.#heard.forEach((chunk) => (bytes[this.core.origins[chunk]] += chunkSize(manifest, chunk)))
    const { stalls, stallMs, heardMs } = player
    this.core.unload()
    return {
      track: this.visit.track,
      isRandom: this.visit.isRandom,
      requestedMs: this.#requestedMs,
      latencyMs: this.#latencyMs,
      stalls,
      stallMs,
      heardMs,
      wasCached: this.#wasCached,
      wasPrefetched: this.#wasPrefetched,
      isGivenUp: this.#isGivenUp,
      serverBytes: bytes[FROM_SERVER],
      peerBytes: bytes[FROM_PEERS],
      cacheBytes: bytes[1],
    }
  }

  /** The player has changed by itself. */
  #look(): void {
    if (this.#isOver) return
    const { player } = this.#deck
    if (player.state === 'ended') return this.#over()
    if (player.state !== 'sounding' || !Number.isNaN(this.#latencyMs)) return
    this.#latencyMs = this.#clock.nowMs() - this.#requestedMs
    const { heardShare, seek } = this.visit
    const { durationMs } = player.timeline
    if (heardShare < 1) this.#whenHeard(heardShare * durationMs, () => this.#over())
    if (seek) this.#whenHeard(seek.heardShare * durationMs, () => this.#seek(seek.toShare * durationMs))
    const { enabled, peersMs, originMs } = this.#config.prefetch
    if (!enabled) return
    this.#whenLeft(peersMs, () => this.#host.ahead(false))
    this.#whenLeft(originMs, () => this.#host.ahead(true))
  }

  #seek(toMs: number): void {
    this.#markHeard()
    this.#segmentMs = toMs
    this.#deck.player.seek(toMs)
  }

  /** Chunks between where the sound began, or was moved to, and the position count as heard. */
  #markHeard(): void {
    const { player } = this.#deck
    const { timeline, positionMs } = player
    if (positionMs <= this.#segmentMs) return
    const last = Math.min(timeline.endAt(positionMs), player.firstMissing)
    for (let chunk = timeline.chunkAt(this.#segmentMs); chunk < last; chunk++) this.#heard.add(chunk)
  }

  /** Gives up where nothing has been heard since the last look, and sound is still wanted. */
  #losePatience(): void {
    const { state, heardMs } = this.#deck.player
    if (state === 'waiting' && heardMs === this.#heardAtLookMs) {
      this.#isGivenUp = true
      return this.#over()
    }
    this.#heardAtLookMs = heardMs
    this.#after(1000 * this.#config.taste.patienceS, () => this.#losePatience())
  }

  #over(): void {
    this.#isOver = true
    this.#host.over()
  }

  /** Calls back when so much has been heard, seeking and stalling left aside. */
  #whenHeard(heardMs: number, act: () => void): void {
    const leftMs = heardMs - this.#deck.player.heardMs
    if (leftMs > 0) this.#after(Math.max(leftMs, 100), () => this.#whenHeard(heardMs, act))
    else act()
  }

  /** Calls back when no more than so much is left to hear. */
  #whenLeft(leftMs: number, act: () => void): void {
    const { timeline, positionMs } = this.#deck.player
    const waitMs = timeline.durationMs - positionMs - leftMs
    if (waitMs > 0) this.#after(Math.max(waitMs, 100), () => this.#whenLeft(leftMs, act))
    else act()
  }

  #after(delayMs: number, act: () => void): void {
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(timer)
      if (!this.#isOver) act()
    })
    this.#timers.add(timer)
  }
}
