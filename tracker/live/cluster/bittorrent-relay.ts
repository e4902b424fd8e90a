import type { Family, InfoHash, ScrapeFigures } from '../bittorrent.ts'
import { announcedHash, parseScrapeQuery } from '../announce-query.ts'
import { scrapeReply } from '../announce-reply.ts'
import { ClientError } from '../errors.ts'
import { udpScrapeReply, type UdpAnnounce, type UdpScrape } from '../udp-packets.ts'
import { ASKED } from './link.ts'
import type { Mesh } from './mesh.ts'

/** What this process answers of its own swarms. */
export interface BitTorrentDesk {
  /** Answers an announce over HTTP. */
  http(path: string, query: string, host: string): string
  /** Answers an announce over UDP of an address that has shown its connection id. */
  udp(packet: Buffer, host: string, family: Family): Buffer
  scrape(infoHash: InfoHash): ScrapeFigures
  /** Of a torrent's browsers and its other clients together. */
  scrapeAll(infoHash: InfoHash): ScrapeFigures
}

export type Told<T> = (error: Error | undefined, reply: T) => void

const HASH_BYTES = 20
const FIGURE_BYTES = 12
const NO_FIGURES: ReadonlyMap<InfoHash, ScrapeFigures> = new Map()

/** Has BitTorrent clients answered by the processes that hold their swarms. */
export class BitTorrentRelay {
  readonly #mesh: Mesh
  readonly #desk: BitTorrentDesk

  constructor(mesh: Mesh, desk: BitTorrentDesk) {
    this.#mesh = mesh
    this.#desk = desk
    mesh.handle(ASKED.http, (_from, body, reply) => {
      const text = body.toString('latin1')
      const mark = text.indexOf(' ')
      reply(desk.http('/announce', text.slice(mark + 1), text.slice(0, mark)))
    })
    mesh.handle(ASKED.udp, (_from, body, reply) => {
      const host = body.toString('latin1', 2, 2 + body[1])
      reply(desk.udp(body.subarray(2 + body[1]), host, body[0] === 6 ? 6 : 4))
    })
    mesh.handle(ASKED.scrape, (_from, body, reply) => reply(this.#scraped(body)))
  }

  /** Has an announce or scrape over HTTP answered; false where that is done here. */
  http(path: string, query: string, host: () => string, told: Told<string>): boolean {
    try {
      return path === '/announce' ? this.#announce(query, host, told) : this.#scrape(query, told)
    } catch (error) {
      // Whoever answers says what is wrong with it.
      if (error instanceof ClientError) return false
      throw error
    }
  }

  /** The same over UDP. */
  udp(request: UdpAnnounce | UdpScrape, packet: Buffer, family: Family, told: Told<Buffer>): boolean {
    if (request.action === 'scrape') {
      const { infoHashes, transaction } = request
      return this.#gather(infoHashes, false, (error, figures) =>
        told(error, udpScrapeReply(transaction, error ? [] : infoHashes.map((hash) => figures.get(hash)!))),
      )
    }
    const owner = this.#mesh.elsewhere(request.infoHash)
    if (owner === undefined) return false
    const host = Buffer.from(request.host, 'latin1')
    const body = Buffer.concat([Buffer.from([family, host.length]), host, packet])
    this.#mesh.ask(owner, ASKED.udp, body, 'latin1', told)
    return true
  }

  /** What is known of each torrent, wherever it is held. */
  scrape(hashes: readonly InfoHash[], told: Told<ReadonlyMap<InfoHash, ScrapeFigures>>): void {
    if (!this.#gather(hashes, true, told))
      told(undefined, new Map(hashes.map((hash) => [hash, this.#desk.scrapeAll(hash)])))
  }

  #announce(query: string, host: () => string, told: Told<string>): boolean {
    const owner = this.#mesh.elsewhere(announcedHash(query))
    if (owner === undefined) return false
    this.#mesh.ask(owner, ASKED.http, `${host()} ${query}`, 'latin1', (error, body) =>
      told(error, body.toString('latin1')),
    )
    return true
  }

  #scrape(query: string, told: Told<string>): boolean {
    return this.#gather(parseScrapeQuery(query), false, (error, figures) =>
      told(error, error ? '' : scrapeReply(figures)),
    )
  }

  /** Collects figures; false where all of them are here. */
  #gather(
    hashes: readonly InfoHash[],
    isAll: boolean,
    told: Told<ReadonlyMap<InfoHash, ScrapeFigures>>,
  ): boolean {
    const asked = new Map<number, InfoHash[]>()
    for (const hash of hashes) {
      const owner = this.#mesh.elsewhere(hash)
      if (owner !== undefined) asked.set(owner, [...(asked.get(owner) ?? []), hash])
    }
    if (asked.size === 0) return false
    const figures = new Map<InfoHash, ScrapeFigures>()
    for (const hash of hashes)
      if (this.#mesh.elsewhere(hash) === undefined) figures.set(hash, this.#figures(hash, isAll))
    let missing = asked.size
    for (const [owner, theirs] of asked) {
      const body = Buffer.from(`${isAll ? '01' : '00'}${theirs.join('')}`, 'hex')
      this.#mesh.ask(owner, ASKED.scrape, body, 'latin1', (error, answer) => {
        if (missing === 0) return
        if (error) {
          missing = 0
          return told(error, NO_FIGURES)
        }
        theirs.forEach((hash, i) => figures.set(hash, readFigures(answer, i * FIGURE_BYTES)))
        if (--missing === 0) told(undefined, figures)
      })
    }
    return true
  }

  #scraped(body: Buffer): Buffer {
    const count = (body.length - 1) / HASH_BYTES
    const reply = Buffer.allocUnsafe(count * FIGURE_BYTES)
    for (let i = 0; i < count; i++) {
      const at = 1 + i * HASH_BYTES
      const { seeds, leechers, completed } = this.#figures(
        body.toString('hex', at, at + HASH_BYTES),
        body[0] === 1,
      )
      reply.writeUInt32BE(seeds, i * FIGURE_BYTES)
      reply.writeUInt32BE(leechers, i * FIGURE_BYTES + 4)
      reply.writeUInt32BE(completed, i * FIGURE_BYTES + 8)
    }
    return reply
  }

  #figures(hash: InfoHash, isAll: boolean): ScrapeFigures {
    return isAll ? this.#desk.scrapeAll(hash) : this.#desk.scrape(hash)
  }
}

const readFigures = (bytes: Buffer, at: number): ScrapeFigures => ({
  seeds: bytes.readUInt32BE(at),
  leechers: bytes.readUInt32BE(at + 4),
  completed: bytes.readUInt32BE(at + 8),
})
