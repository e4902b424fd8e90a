import type { AnnounceEvent, Candidates, FetchReport, Load } from '../protocol/messages.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import type { SwarmOptions } from './options.ts'
import type { PeerStats } from './stats.ts'
import { TrackerList } from './tracker-list.ts'

/** Announces are spread by this share around their interval, so that peers do not come in step. */
const JITTER = 0.1
const MAX_DOUBLINGS = 16
/** A tracker can't ask for announces more often than this. */
const MIN_INTERVAL_MS = 1_000

export interface TrackerClientHost {
  readonly have: ChunkSet
  readonly stats: PeerStats
  load(): Load
  /** How many candidates are wanted now. */
  wanted(): number
  candidates(answer: Candidates): void
}

/**
 * Keeps the tracker informed: announces, fetch reports, leave. A tracker that fails is left for the next one; one that does
 * not answer in time gets more time at the next try, in case it is only slow.
 */
export class TrackerClient {
  readonly #clock: Clock
  readonly #network: Network
  readonly #random: Random
  readonly #options: SwarmOptions
  readonly #host: TrackerClientHost
  readonly #trackers: TrackerList
  #link: Link | undefined
  #isUp = false
  /** What the next announce says. */
  #event: AnnounceEvent = 'started'
  /** What the announce says that awaits its answer. */
  #asked: AnnounceEvent | undefined
  #timer: Timer | undefined
  #emptyAnswers = 0
  /** How often fetch reports are sent; 0 for never. */
  readonly #reportMs: number
  #reportTimer: Timer | undefined
  #reports: FetchReport[] = []

  constructor(
    clock: Clock,
    network: Network,
    random: Random,
    options: SwarmOptions,
    host: TrackerClientHost,
  ) {
    this.#clock = clock
    this.#network = network
    this.#random = random
    this.#options = options
    this.#host = host
    this.#trackers = new TrackerList(options.trackers)
    this.#reportMs = this.#trackers.isEmpty ? 0 : options.settings.reportMs
  }

  get queuedReports(): number {
    return this.#reports.length
  }

  owns(link: Link): boolean {
    return link === this.#link
  }

  /** Announces now; also what `completed` and a need for candidates use. */
  announce(event?: AnnounceEvent): void {
    if (this.#trackers.isEmpty) return
    if (event && (this.#event !== 'started' || this.#asked)) this.#event = event
    if (this.#asked || (this.#link && !this.#isUp)) return
    if (this.#link && !this.#trackers.prefersAnother(this.#clock.nowMs())) this.#sendAnnounce()
    else this.#connect()
  }

  linkUp(): void {
    this.#isUp = true
    this.#sendAnnounce()
  }

  linkDown(): void {
    this.#link = undefined
    this.#isUp = false
    this.#failed()
  }

  answered(answer: Candidates): void {
    // An answer that nobody asked for must not make this peer announce again: two of them would never stop.
    if (answer.contentId !== this.#options.manifest.contentId || this.#asked === undefined) return
    const isNewsWaiting = this.#event !== this.#asked
    this.#asked = undefined
    this.#trackers.succeeded()
    this.#host.stats.answeredAnnounces++
    this.#schedule(this.#pauseMs(answer) * this.#jitter())
    if (isNewsWaiting) this.announce()
    else this.#event = 'update'
    this.#host.candidates(answer)
  }

  /** The tracker's interval, or less while it names nobody to a peer that needs somebody. */
  #pauseMs({ intervalMs, candidates }: Candidates): number {
    const isAlone = candidates.length === 0 && this.#host.wanted() > 0
    const { announceBackoffMs } = this.#options.settings
    const aloneMs = isAlone
      ? announceBackoffMs * (1 << Math.min(this.#emptyAnswers++, MAX_DOUBLINGS))
      : Infinity
    if (!isAlone) this.#emptyAnswers = 0
    return Math.max(MIN_INTERVAL_MS, Math.min(intervalMs, aloneMs))
  }

  /** Queues a fetch report; the oldest are given up where the tracker can't be reached. */
  report(report: FetchReport): void {
    if (this.#reportMs <= 0) return
    this.#reports.push(report)
    if (this.#reports.length > LIMITS.reportsPerMessage) this.#reports.shift()
    this.#reportTimer ??= this.#clock.setTimer(this.#reportMs, () => this.#sendReports())
  }

  /** Says goodbye, if the tracker can be reached at once. */
  leave(): void {
    const link = this.#link
    if (link && this.#isUp) {
      this.#sendReports()
      const { manifest, peerId } = this.#options
      this.#network.send(link, { type: 'leave', contentId: manifest.contentId, peerId })
    }
    this.stop()
    if (link) this.#network.close(link)
  }

  /** Stops all timers and forgets the link. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    if (this.#reportTimer !== undefined) this.#clock.clearTimer(this.#reportTimer)
    this.#timer = this.#reportTimer = this.#link = undefined
    this.#isUp = false
  }

  #connect(): void {
    if (this.#link) this.#network.close(this.#link)
    this.#isUp = false
    this.#link = this.#network.connect(this.#trackers.choose(this.#clock.nowMs()))
    this.#rearm(this.#options.settings.connectTimeoutMs, () => this.#failed())
  }

  #sendAnnounce(): void {
    const { manifest, peerId, address, region, isOrigin, settings } = this.#options
    const { have, stats } = this.#host
    this.#asked = this.#event
    stats.announces++
    this.#rearm(this.#answerTimeoutMs(), () => this.#abandon())
    this.#network.send(this.#link!, {
      type: 'announce',
      contentId: manifest.contentId,
      peerId,
      address,
      region,
      event: this.#event,
      isOrigin,
      uploadSlots: settings.maxUnchoked > 0 ? settings.uploadSlots : 0,
      ...this.#host.load(),
      uploadedBytes: stats.uploadedBytes,
      downloadedBytes: stats.downloadedBytes,
      chunks: have.clone(),
      wanted: this.#host.wanted(),
    })
  }

  #sendReports(): void {
    if (this.#reportTimer !== undefined) this.#clock.clearTimer(this.#reportTimer)
    this.#reportTimer = undefined
    if (this.#reports.length === 0 || !this.#link || !this.#isUp) return
    const { manifest, peerId } = this.#options
    this.#network.send(this.#link, {
      type: 'report',
      contentId: manifest.contentId,
      peerId,
      reports: this.#reports,
    })
    this.#reports = []
  }

  /** The tracker did not answer in time: the link is of no use any more. */
  #abandon(): void {
    if (this.#link) this.#network.close(this.#link)
    this.linkDown()
  }

  #failed(): void {
    const { announceBackoffMs, maxAnnounceBackoffMs } = this.#options.settings
    const nowMs = this.#clock.nowMs()
    if (this.#link && !this.#isUp) {
      this.#network.close(this.#link)
      this.#link = undefined
    }
    this.#asked = undefined
    this.#host.stats.failedAnnounces++
    this.#trackers.failed(nowMs, announceBackoffMs, maxAnnounceBackoffMs, this.#jitter())
    this.#schedule(Math.max(0, this.#trackers.nextTryMs - nowMs))
  }

  #answerTimeoutMs(): number {
    const { connectTimeoutMs, maxAnnounceBackoffMs } = this.#options.settings
    const patientMs = connectTimeoutMs * (1 << Math.min(this.#trackers.failures, MAX_DOUBLINGS))
    return Math.max(connectTimeoutMs, Math.min(patientMs, maxAnnounceBackoffMs))
  }

  #jitter(): number {
    return 1 - JITTER + 2 * JITTER * this.#random.next()
  }

  #schedule(delayMs: number): void {
    this.#rearm(delayMs, () => {
      this.#timer = undefined
      this.announce()
    })
  }

  #rearm(delayMs: number, callback: () => void): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = this.#clock.setTimer(delayMs, callback)
  }
}
