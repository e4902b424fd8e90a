import { LIMITS } from '../../peer/protocol/limits.ts'
import type { Tracker } from '../core/tracker.ts'
import { type BitTorrentSwarms, type InfoHash, NOT_WHOLE, type ScrapeFigures, WHOLE } from './bittorrent.ts'
import { ClientError } from './errors.ts'
import { browserSwarm } from './swarm-name.ts'
import { type WsAnnounce, type WsAnswer, type WsScrape, binary } from './ws-messages.ts'

/** Torrents that one connection may be in at once. */
export const MOST_SWARMS = 200

/** One connected client. */
export class WsPeer {
  readonly host: string
  readonly sendText: (text: string) => void
  /** Its peer id in each swarm that it is in. */
  readonly memberships = new Map<string, string>()
  /** The torrents that it is in where other processes hold the swarms. */
  readonly elsewhere = new Set<InfoHash>()

  constructor(host: string, sendText: (text: string) => void) {
    this.host = host
    this.sendText = sendText
  }

  get swarmCount(): number {
    return this.memberships.size + this.elsewhere.size
  }

  send(message: object): void {
    this.sendText(JSON.stringify(message))
  }
}

/**
 * Swarms of WebTorrent clients. They can't be dialled: who is chosen from a swarm gets an offer of the client that
 * announces, and answers through the tracker. A torrent's browsers are a swarm apart from its other clients, whom they
 * could not reach.
 */
export class WsSwarms {
  readonly #tracker: Tracker
  readonly #others: BitTorrentSwarms
  readonly #regionOf: (host: string) => string
  readonly #peers = new Map<string, WsPeer>()

  constructor(tracker: Tracker, others: BitTorrentSwarms, regionOf: (host: string) => string = () => '') {
    this.#tracker = tracker
    this.#others = others
    this.#regionOf = regionOf
  }

  /** Takes a client's message. Throws ClientError. */
  hear(peer: WsPeer, message: WsAnnounce | WsAnswer | WsScrape): void {
    if (message.action === 'scrape')
      peer.send(scrapeMessage(new Map(message.info_hash.map((hash) => [hash, this.scrape(hash)]))))
    else if ('answer' in message) this.#passOn(peer, message)
    else this.#announce(peer, message)
  }

  /** A connection has ended. */
  gone(peer: WsPeer): void {
    for (const [swarm, peerId] of peer.memberships) this.#leave(peer, swarm, peerId)
  }

  #announce(peer: WsPeer, announce: WsAnnounce): void {
    const { info_hash: infoHash, peer_id: peerId, left, event } = announce
    const swarm = browserSwarm(infoHash)
    if (event === 'stopped') return this.#leave(peer, swarm, peerId)
    this.#join(peer, swarm, peerId)
    const isWhole = left === 0
    const { uploaded, downloaded } = announce
    const answer = this.#tracker.announce({
      contentId: swarm,
      peerId,
      address: '',
      region: this.#regionOf(peer.host),
      event,
      isOrigin: false,
      uploadSlots: NaN,
      active: NaN,
      queued: NaN,
      uploadedBytes: uploaded,
      downloadedBytes: downloaded,
      chunks: isWhole ? WHOLE : NOT_WHOLE,
      completeness: isWhole ? 1 : left === null ? NaN : downloaded / (downloaded + left),
      wanted: Math.min(announce.numwant, announce.offers.length, LIMITS.candidates),
    })
    if (!answer) {
      this.#leave(peer, swarm, peerId)
      throw new ClientError('the tracker is full')
    }
    peer.send({
      action: 'announce',
      interval: Math.ceil(answer.intervalMs / 1000),
      info_hash: binary(infoHash),
      complete: answer.swarm.seeds,
      incomplete: answer.swarm.leechers,
    })
    answer.listed.forEach((member, i) => {
      const { offer, offer_id } = announce.offers[i]
      const message = {
        action: 'announce',
        offer,
        offer_id,
        peer_id: binary(peerId),
        info_hash: binary(infoHash),
      }
      this.#peers.get(keyOf(swarm, member.peerId))?.send(message)
    })
  }

  #passOn(
    peer: WsPeer,
    { info_hash: infoHash, peer_id: peerId, to_peer_id: to, answer, offer_id }: WsAnswer,
  ): void {
    const swarm = browserSwarm(infoHash)
    if (peer.memberships.get(swarm) !== peerId) throw new ClientError('invalid answer: announce first')
    const message = {
      action: 'announce',
      answer,
      offer_id,
      peer_id: binary(peerId),
      info_hash: binary(infoHash),
    }
    // Who asked may have gone in the meantime.
    this.#peers.get(keyOf(swarm, to))?.send(message)
  }

  /** What is known of a torrent, its browsers and its other clients together. */
  scrape(infoHash: InfoHash): ScrapeFigures {
    const swarm = this.#tracker.swarm(browserSwarm(infoHash))
    const others = this.#others.scrape(infoHash)
    return {
      seeds: others.seeds + (swarm?.seeds ?? 0),
      leechers: others.leechers + (swarm?.leechers ?? 0),
      completed: others.completed + (swarm?.completions ?? 0),
    }
  }

  /** A peer id belongs to the connection that named it first: nobody can take over another's place. */
  #join(peer: WsPeer, swarm: string, peerId: string): void {
    const known = peer.memberships.get(swarm)
    if (known !== undefined && known !== peerId)
      throw new ClientError('invalid peer_id: another one was announced before')
    if (known !== undefined) return
    if (this.#peers.has(keyOf(swarm, peerId)))
      throw new ClientError('invalid peer_id: in use on another connection')
    if (peer.swarmCount >= MOST_SWARMS) throw new ClientError(`too many torrents (at most ${MOST_SWARMS})`)
    peer.memberships.set(swarm, peerId)
    this.#peers.set(keyOf(swarm, peerId), peer)
  }

  #leave(peer: WsPeer, swarm: string, peerId: string): void {
    if (peer.memberships.get(swarm) !== peerId) return
    peer.memberships.delete(swarm)
    this.#peers.delete(keyOf(swarm, peerId))
    this.#tracker.leave(swarm, peerId)
  }
}

/** The answer to a scrape. */
export function scrapeMessage(figures: ReadonlyMap<InfoHash, ScrapeFigures>): object {
  const files = [...figures].map(([hash, { seeds, leechers, completed }]) => [
    binary(hash),
    { complete: seeds, incomplete: leechers, downloaded: completed },
  ])
  return { action: 'scrape', files: Object.fromEntries(files) as object }
}

const keyOf = (swarm: string, peerId: string): string => `${swarm} ${peerId}`
