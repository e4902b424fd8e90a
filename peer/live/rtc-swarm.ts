import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../ports/clock.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { TransferFigures } from './announce.ts'
import { TrackerError } from './errors.ts'
import { RtcConnection } from './rtc-connection.ts'
import { type IceOptions, RTC_LIMITS, type RtcLimits } from './rtc-options.ts'
import type { RtcStream } from './rtc-stream.ts'
import type { WsTracker } from './ws-tracker.ts'
import {
  type Announced,
  binaryString,
  type RelayedAnswer,
  type RelayedOffer,
  type WsTrackerMessage,
} from './ws-tracker-messages.ts'

const MIN_INTERVAL_MS = 5_000
const MAX_INTERVAL_MS = 3600_000
/** An announce that was not answered is made again after this. */
const UNANSWERED_MS = 60_000
/** A tracker that refuses an announce is asked again after this, doubled with each refusal in a row. */
const REFUSED_PAUSE_MS = 5_000
const MAX_DOUBLINGS = 8

/** An offer of a peer that is connected is answered where the connection ends within this. */
const HELD_MS = 10_000

/** What an announce says of the peer. */
export interface RtcSwarmOptions {
  /** 40 hex digits. */
  readonly infoHash: string
  readonly peerId: PeerId
  readonly trackers: readonly WsTracker[]
  readonly ice: IceOptions
  readonly clock: Clock
  readonly limits?: RtcLimits
}

export interface RtcSwarmHost {
  figures(): TransferFigures
  /** How many more connections are of use; others may connect even where none are. */
  wanted(): number
  /** A channel to another peer is open. `isIncoming` where the other one has offered it. */
  connected(stream: RtcStream, peerId: PeerId, isIncoming: boolean, connection: RtcConnection): void
  /** A tracker has answered an announce. */
  announced?(answer: Announced): void
  warning?(error: Error): void
}

/** What is kept of a tracker that knows this peer as a member of the swarm. */
class Membership {
  readonly tracker: WsTracker
  timer: Timer | undefined
  refusals = 0
  isAnnouncing = false
  /** Whether the tracker was told that this peer is there. */
  isKnown = false
  /** What it was told last. */
  leftBytes = NaN

  constructor(tracker: WsTracker) {
    this.tracker = tracker
  }
}

interface HeldOffer {
  readonly membership: Membership
  readonly offer: RelayedOffer
  readonly untilMs: number
}

/**
 * Finds the peers of a torrent by WebTorrent's trackers and connects to them: announces offers, which a tracker hands to
 * others; answers offers of others.
 */
export class RtcSwarm {
  readonly #options: RtcSwarmOptions
  readonly #host: RtcSwarmHost
  readonly #limits: RtcLimits
  readonly #memberships: readonly Membership[]
  /** Offers that nobody has answered, by their ids. */
  readonly #offers = new Map<string, RtcConnection>()
  /** Connections that are set up or being set up. */
  readonly #connections = new Set<RtcConnection>()
  readonly #connectedTo = new Map<PeerId, RtcConnection>()
  /** The last offer of each peer that is connected. */
  readonly #held = new Map<PeerId, HeldOffer>()
  #hasLeft = false

  constructor(options: RtcSwarmOptions, host: RtcSwarmHost) {
    this.#options = options
    this.#host = host
    this.#limits = options.limits ?? RTC_LIMITS
    this.#memberships = options.trackers.map((tracker) => new Membership(tracker))
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  get offerCount(): number {
    return this.#offers.size
  }

  start(): void {
    for (const membership of this.#memberships)
      membership.tracker.join(this.#options.infoHash, {
        opened: () => this.#opened(membership),
        heard: (message) => this.#heard(membership, message),
      })
  }

  /** Announces to all trackers now. */
  announce(): void {
    for (const membership of this.#memberships) if (membership.tracker.isOpen) this.#announce(membership)
  }

  /** Tells the trackers that this peer goes; channels that are open stay. */
  leave(): void {
    const figures = this.#host.figures()
    this.#stop(({ tracker, isKnown, leftBytes }) => {
      const lastWord = { ...this.#announcement(figures), numwant: 0, offers: [] }
      if (isKnown && figures.leftBytes === 0 && leftBytes > 0)
        tracker.send({ ...lastWord, event: 'completed' })
      tracker.send({ ...lastWord, event: 'stopped' })
    })
  }

  /** Stops without a word; closes all connections. */
  destroy(): void {
    this.#stop(() => undefined)
    for (const connection of this.#connections) connection.close()
  }

  #stop(tell: (membership: Membership) => void): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    for (const membership of this.#memberships) {
      this.#disarm(membership)
      tell(membership)
      membership.tracker.leave(this.#options.infoHash)
    }
    for (const offer of this.#offers.values()) offer.close()
    this.#offers.clear()
  }

  /** The tracker knows nothing of this peer, or no longer does. */
  #opened(membership: Membership): void {
    membership.isKnown = false
    this.#announce(membership)
  }

  #announce(membership: Membership): void {
    this.#disarm(membership)
    if (membership.isAnnouncing || this.#hasLeft) return
    membership.isAnnouncing = true
    void this.#announceOffers(membership).finally(() => (membership.isAnnouncing = false))
  }

  async #announceOffers(membership: Membership): Promise<void> {
    const offers = await this.#makeOffers()
    const { tracker, isKnown, leftBytes } = membership
    if (this.#hasLeft || !tracker.isOpen) return
    const figures = this.#host.figures()
    const isNewlyWhole = figures.leftBytes === 0 && leftBytes > 0
    membership.leftBytes = figures.leftBytes
    membership.isKnown = true
    tracker.send({
      ...this.#announcement(figures),
      ...(isKnown ? isNewlyWhole && { event: 'completed' } : { event: 'started' }),
      numwant: offers.length,
      offers: offers.map(({ offerId, sdp }) => ({
        offer_id: binaryString(offerId),
        offer: { type: 'offer', sdp },
      })),
    })
    this.#arm(membership, UNANSWERED_MS)
  }

  #announcement({ uploadedBytes, downloadedBytes, leftBytes }: TransferFigures): object {
    const { infoHash, peerId } = this.#options
    return {
      action: 'announce',
      info_hash: binaryString(infoHash),
      peer_id: binaryString(peerId),
      uploaded: uploadedBytes,
      downloaded: downloadedBytes,
      left: Number.isNaN(leftBytes) ? null : leftBytes,
    }
  }

  async #makeOffers(): Promise<{ offerId: string; sdp: string }[]> {
    const { maxConnections, maxOffers, offersPerAnnounce } = this.#limits
    const count = Math.min(
      this.#host.wanted(),
      offersPerAnnounce,
      maxOffers - this.#offers.size,
      maxConnections - this.#connections.size,
    )
    const made = Array.from({ length: Math.max(0, count) }, async () => {
      const offerId = randomBytes(20).toString('hex')
      const connection = RtcConnection.offer(this.#options.ice, this.#limits)
      this.#offers.set(offerId, connection)
      void connection.closed.then(() => this.#offers.delete(offerId))
      const { sdp } = await connection.description
      return { offerId, sdp }
    })
    const settled = await Promise.allSettled(made)
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  #heard(membership: Membership, message: WsTrackerMessage): void {
    switch (message.kind) {
      case 'announced':
        return this.#announced(membership, message)
      case 'offer':
        return this.#offered(membership, message)
      case 'answer':
        return this.#answered(message)
      case 'failure':
        return this.#refused(membership, message.reason)
    }
  }

  #announced(membership: Membership, answer: Announced): void {
    membership.refusals = 0
    this.#arm(membership, Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, answer.intervalMs)))
    this.#host.announced?.(answer)
  }

  #refused(membership: Membership, reason: string): void {
    const { url } = membership.tracker
    if (membership.refusals === 0)
      this.#host.warning?.(
        new TrackerError('E_TRACKER_REFUSED', `tracker ${url} refused an announce: ${reason}`),
      )
    membership.isKnown = false
    this.#arm(membership, REFUSED_PAUSE_MS * 2 ** Math.min(membership.refusals++, MAX_DOUBLINGS))
  }

  #offered(membership: Membership, offer: RelayedOffer): void {
    const { tracker } = membership
    const { peerId, offerId, sdp } = offer
    if (peerId === this.#options.peerId || this.#hasLeft) return
    if (this.#connectedTo.has(peerId)) {
      // Of use only where the connection is about to end, as when the other side begins anew.
      const untilMs = this.#options.clock.nowMs() + HELD_MS
      return void this.#held.set(peerId, { membership, offer, untilMs })
    }
    if (this.#connections.size >= this.#limits.maxConnections) return
    let connection: RtcConnection
    try {
      connection = RtcConnection.answer(sdp, this.#options.ice, this.#limits)
    } catch (error) {
      return this.#host.warning?.(error as Error)
    }
    this.#await(connection, peerId, true)
    connection.description.then(
      (answer) =>
        tracker.send({
          action: 'announce',
          info_hash: binaryString(this.#options.infoHash),
          peer_id: binaryString(this.#options.peerId),
          to_peer_id: binaryString(peerId),
          offer_id: offerId,
          answer,
        }),
      // That it came to nothing is heard where the channel is awaited.
      () => undefined,
    )
  }

  #answered({ peerId, offerId, sdp }: RelayedAnswer): void {
    const id = Buffer.from(offerId, 'latin1').toString('hex')
    const connection = this.#offers.get(id)
    if (!connection || peerId === this.#options.peerId) return
    this.#offers.delete(id)
    if (this.#connectedTo.has(peerId)) return connection.close()
    this.#await(connection, peerId, false)
    try {
      connection.accept(sdp)
    } catch (error) {
      this.#host.warning?.(error as Error)
    }
  }

  #await(connection: RtcConnection, peerId: PeerId, isIncoming: boolean): void {
    this.#connections.add(connection)
    void connection.closed.then(() => {
      this.#connections.delete(connection)
      if (this.#connectedTo.get(peerId) !== connection) return
      this.#connectedTo.delete(peerId)
      const held = this.#held.get(peerId)
      this.#held.delete(peerId)
      if (held && held.untilMs > this.#options.clock.nowMs()) this.#offered(held.membership, held.offer)
    })
    connection.opened.then(
      (stream) => {
        if (this.#hasLeft || !this.#isPreferred(peerId, isIncoming)) return connection.close()
        this.#connectedTo.get(peerId)?.close()
        this.#connectedTo.set(peerId, connection)
        this.#host.connected(stream, peerId, isIncoming, connection)
      },
      // A peer that can't be reached is no news: others are tried.
      () => undefined,
    )
  }

  /** Where two peers have offered to each other at once, both keep what the one with the lower id has offered. */
  #isPreferred(peerId: PeerId, isIncoming: boolean): boolean {
    return !this.#connectedTo.has(peerId) || isIncoming === peerId < this.#options.peerId
  }

  #arm(membership: Membership, delayMs: number): void {
    this.#disarm(membership)
    if (this.#hasLeft) return
    membership.timer = this.#options.clock.setTimer(delayMs, () => {
      membership.timer = undefined
      if (membership.tracker.isOpen) this.#announce(membership)
    })
  }

  #disarm(membership: Membership): void {
    if (membership.timer !== undefined) this.#options.clock.clearTimer(membership.timer)
    membership.timer = undefined
  }
}
