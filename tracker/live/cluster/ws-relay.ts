import { ClientError } from '../errors.ts'
import type { Told } from './bittorrent-relay.ts'
import type { InfoHash, ScrapeFigures } from '../bittorrent.ts'
import type { LocalWsDesk, WsDesk } from '../ws-desk.ts'
import { checkWs, readWs, type WsScrape } from '../ws-messages.ts'
import { MOST_SWARMS, scrapeMessage, WsPeer } from '../ws-swarms.ts'
import { ShardDownError } from './errors.ts'
import { ASKED } from './link.ts'
import type { Mesh } from './mesh.ts'

type Scrape = (hashes: readonly InfoHash[], told: Told<ReadonlyMap<InfoHash, ScrapeFigures>>) => void

/** A client of this process, as the processes know it that hold its swarms. */
interface Connection {
  readonly id: number
  readonly peer: WsPeer
  /** Who has heard of it. */
  readonly owners: Set<number>
}

export interface WsRelayParts {
  readonly mesh: Mesh
  readonly desk: LocalWsDesk
  readonly scrape: Scrape
  /** Something went wrong that is not the client's fault. */
  readonly failed: (peer: WsPeer, error: Error) => void
}

/**
 * Has WebSocket clients answered by the processes that hold their swarms. A client is known there by the process that has
 * its socket and a number; whatever is for it goes back over the link between the two.
 */
export class WsRelay implements WsDesk {
  readonly #parts: WsRelayParts
  readonly #connections = new Map<number, Connection>()
  readonly #numbers = new WeakMap<WsPeer, Connection>()
  /** Clients of the other processes, by process and number. */
  readonly #guests = new Map<number, Map<number, WsPeer>>()
  #next = 0

  constructor(parts: WsRelayParts) {
    this.#parts = parts
    const { mesh } = parts
    mesh.handle(ASKED.ws, (from, body, reply) => {
      this.#hearGuest(from, body)
      reply()
    })
    mesh.handle(ASKED.wsGone, (from, body, reply) => {
      this.#guestGone(from, body.readUInt32BE(0))
      reply()
    })
    mesh.hearPushes((id, body) => this.#connections.get(id)?.peer.sendText(body.toString('utf8')))
    mesh.watchLeaving((from) => {
      for (const id of this.#guests.get(from)?.keys() ?? []) this.#guestGone(from, id)
    })
  }

  hear(peer: WsPeer, text: string): void {
    const { desk, mesh } = this.#parts
    desk.answering(peer, () => {
      const raw = readWs(text)
      const hash = hashOf(raw?.info_hash)
      if (raw?.action === 'scrape') return this.#scrape(peer, raw)
      const owner = hash === undefined ? undefined : mesh.elsewhere(hash)
      if (owner === undefined) return desk.take(peer, raw)
      this.#count(peer, hash!, raw!)
      this.#passOn(peer, owner, text)
    })
  }

  refuse(peer: WsPeer, reason: string): void {
    this.#parts.desk.refuse(peer, reason)
  }

  gone(peer: WsPeer): void {
    const { desk, mesh } = this.#parts
    desk.gone(peer)
    const connection = this.#numbers.get(peer)
    if (!connection) return
    this.#connections.delete(connection.id)
    const body = Buffer.alloc(4)
    body.writeUInt32BE(connection.id)
    for (const owner of connection.owners) mesh.tell(owner, ASKED.wsGone, body, 'latin1')
  }

  /** A client may be in so many swarms, wherever they are held. */
  #count(peer: WsPeer, hash: InfoHash, raw: { readonly event?: unknown; readonly answer?: unknown }): void {
    if (raw.answer !== undefined && raw.answer !== null) return
    if (raw.event === 'stopped') return void peer.elsewhere.delete(hash)
    if (!peer.elsewhere.has(hash) && peer.swarmCount >= MOST_SWARMS)
      throw new ClientError(`too many torrents (at most ${MOST_SWARMS})`)
    peer.elsewhere.add(hash)
  }

  #passOn(peer: WsPeer, owner: number, text: string): void {
    const { mesh, desk, failed } = this.#parts
    const connection = this.#numbers.get(peer) ?? this.#number(peer)
    connection.owners.add(owner)
    const host = Buffer.from(peer.host, 'latin1')
    const head = Buffer.allocUnsafe(5)
    head.writeUInt32BE(connection.id)
    head[4] = host.length
    const body = Buffer.concat([head, host, Buffer.from(text, 'utf8')])
    mesh.ask(owner, ASKED.ws, body, 'latin1', (error) => {
      if (error instanceof ShardDownError) desk.refuse(peer, error.message)
      else if (error) failed(peer, error)
    })
  }

  #number(peer: WsPeer): Connection {
    do this.#next = (this.#next + 1) >>> 0
    while (this.#connections.has(this.#next))
    const connection = { id: this.#next, peer, owners: new Set<number>() }
    this.#connections.set(connection.id, connection)
    this.#numbers.set(peer, connection)
    return connection
  }

  #scrape(peer: WsPeer, raw: ReturnType<typeof readWs>): void {
    const { info_hash: hashes } = checkWs(raw) as WsScrape
    this.#parts.scrape(hashes, (error, figures) => {
      if (!error) {
        this.#parts.desk.scraped()
        peer.send(scrapeMessage(figures))
      } else if (error instanceof ShardDownError) this.#parts.desk.refuse(peer, error.message)
      else this.#parts.failed(peer, error)
    })
  }

  #hearGuest(from: number, body: Buffer): void {
    const id = body.readUInt32BE(0)
    const textAt = 5 + body[4]
    const guests = this.#guests.get(from) ?? new Map<number, WsPeer>()
    this.#guests.set(from, guests)
    let guest = guests.get(id)
    if (!guest) {
      const { mesh } = this.#parts
      guest = new WsPeer(body.toString('latin1', 5, textAt), (text) => mesh.push(from, id, text))
      guests.set(id, guest)
    }
    this.#parts.desk.hear(guest, body.toString('utf8', textAt))
  }

  #guestGone(from: number, id: number): void {
    const guests = this.#guests.get(from)
    const guest = guests?.get(id)
    if (!guests || !guest) return
    guests.delete(id)
    this.#parts.desk.gone(guest)
  }
}

/** An info hash of 20 bytes, a character a byte, as hex digits; undefined for what is none. */
const hashOf = (value: unknown): InfoHash | undefined =>
  typeof value === 'string' && value.length === 20 ? Buffer.from(value, 'latin1').toString('hex') : undefined
