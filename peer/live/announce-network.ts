import { createHash, randomInt } from 'node:crypto'
import { parseEndpoint } from '../protocol/endpoint.ts'
import type { Address, PeerId } from '../protocol/ids.ts'
import { bytesLeft, type Manifest } from '../protocol/manifest.ts'
import type { Announce, Candidate, ChunkHeader, Message } from '../protocol/messages.ts'
import type { Link } from '../ports/network.ts'
import type {
  AnnounceAnswer,
  AnnouncedPeer,
  Announcer,
  AnnounceRequest,
  TransferFigures,
} from './announce.ts'
import { announceHttp } from './announce-http.ts'
import { announceUdp } from './announce-udp.ts'
import { TrackerLink, TrackerNetwork } from './tracker-network.ts'

type ControlMessage = Exclude<Message, ChunkHeader>

/** Whether an address is the announce URL of a tracker that speaks BitTorrent over HTTP (BEP 48's rule) or UDP. */
export const isAnnounceUrl = (address: Address): boolean =>
  /^udp:\/\//i.test(address) || /^https?:\/\/[^?#]*\/announce[^/]*$/i.test(address)

class AnnounceLink extends TrackerLink {
  /** What the tracker was told last. */
  told: AnnounceRequest | undefined
  /** Ends when the announce that was sent last has been answered, or has failed. */
  asking: Promise<void> = Promise.resolve()
}

export interface AnnounceNetworkOptions {
  readonly manifest: Manifest
  /** The peer that answers at an address, where that is known. */
  peerAt(address: Address): PeerId | undefined
  /** Trackers that the user has named; others are a torrent's. */
  readonly given: readonly string[]
  /** What has been moved and what is missing now. */
  figures(): TransferFigures
  /** A tracker could not be reached, or refuses. */
  warning(error: Error): void
}

/**
 * Links to trackers that speak BitTorrent: the core's announces become announces by URL over HTTP or UDP, and the answers
 * its candidates. They tell addresses only; a peer that was not met yet goes by a name made from its address.
 */
export class AnnounceNetwork extends TrackerNetwork {
  readonly #options: AnnounceNetworkOptions
  readonly #key = randomInt(2 ** 32)

  constructor(options: AnnounceNetworkOptions, trackers?: number) {
    super(trackers)
    this.#options = options
  }

  send(link: Link, message: ControlMessage): void {
    if (!(link instanceof AnnounceLink) || link.isDown) return
    if (message.type === 'announce') this.run((link.asking = this.#announce(link, this.#requestOf(message))))
    else if (message.type === 'leave') this.run(this.#leave(link))
  }

  protected override newLink(remote: Address): AnnounceLink {
    return new AnnounceLink(remote)
  }

  async #announce(link: AnnounceLink, message: AnnounceRequest): Promise<void> {
    const startedMs = performance.now()
    // A tracker that is turned to after another one has failed has not heard of this peer.
    const isNew = link.told === undefined && message.event === 'update'
    const request: AnnounceRequest = isNew ? { ...message, event: 'started' } : message
    try {
      const answer = await this.#tell(link.remote, request)
      link.rttMs = performance.now() - startedMs
      link.told = request
      this.answered()
      if (!link.isDown) this.handler?.message(link, this.#candidatesOf(request, answer))
    } catch (error) {
      this.failed()
      if (link.isDown || !this.handler) return
      link.isDown = true
      this.#options.warning(error as Error)
      this.handler.linkDown(link, 'lost')
    }
  }

  /** Says goodbye when what was said before has been heard: a tracker takes the last word for the state of things. */
  async #leave(link: AnnounceLink): Promise<void> {
    await link.asking
    const { remote, told } = link
    if (!told) return
    const now = this.#options.figures()
    const tell = (event: AnnounceRequest['event']): Promise<unknown> =>
      // Nobody is left to hear that it was not heard.
      this.#tell(remote, { ...told, ...now, event, wanted: 0 }).catch(() => undefined)
    if (told.leftBytes > 0 && now.leftBytes === 0) await tell('completed')
    await tell('stopped')
  }

  #tell(url: Address, request: AnnounceRequest): Promise<AnnounceAnswer> {
    return announcerOf(url)(url, request, this.signal, this.#options.given.includes(url))
  }

  #requestOf({ contentId, peerId, address, chunks, event, wanted, ...announce }: Announce): AnnounceRequest {
    const leftBytes = bytesLeft(this.#options.manifest, chunks)
    const { uploadedBytes, downloadedBytes } = announce
    return {
      ...{ infoHash: contentId, peerId, port: parseEndpoint(address).port, event, wanted, leftBytes },
      ...{ uploadedBytes, downloadedBytes, key: this.#key },
    }
  }

  #candidatesOf({ infoHash }: AnnounceRequest, answer: AnnounceAnswer): ControlMessage {
    const { intervalMs, seeds, leechers, peers } = answer
    const candidates = peers.map((peer) => this.#candidateOf(peer))
    const policy = { policy: 'tracker', policyVersion: '' }
    return { type: 'candidates', contentId: infoHash, intervalMs, seeds, leechers, ...policy, candidates }
  }

  #candidateOf({ address, peerId }: AnnouncedPeer): Candidate {
    return {
      peerId: peerId ?? this.#options.peerAt(address) ?? nameOf(address),
      address,
      region: '',
      isOrigin: false,
      ...{ uploadSlots: NaN, active: NaN, queued: NaN, completeness: NaN, sessionAgeMs: NaN },
      ...{ loadAgeMs: NaN, goodputBps: NaN, successShare: NaN, uploadBps: NaN },
    }
  }
}

/** How to announce to a URL that `isAnnounceUrl` takes. */
export const announcerOf = (url: Address): Announcer => (/^udp:/i.test(url) ? announceUdp : announceHttp)

/** A peer id for a peer of which only the address is known. */
export const nameOf = (address: Address): PeerId =>
  createHash('sha1').update(`address ${address}`).digest('hex')
