import { ClientError } from './errors.ts'
import type { AnnounceMeter } from './metrics.ts'
import { checkWs, readWs } from './ws-messages.ts'
import type { WsPeer, WsSwarms } from './ws-swarms.ts'

/** Takes what clients say on their WebSockets. */
export interface WsDesk {
  /** Takes a message; whoever sent one that does not do is told why. */
  hear(peer: WsPeer, text: string): void
  /** Tells a client why its message does not do. */
  refuse(peer: WsPeer, reason: string): void
  /** A connection has ended. */
  gone(peer: WsPeer): void
}

/** Has clients answered by swarms that are held here. */
export class LocalWsDesk implements WsDesk {
  readonly #swarms: WsSwarms
  readonly #meter: AnnounceMeter

  constructor(swarms: WsSwarms, meter: AnnounceMeter) {
    this.#swarms = swarms
    this.#meter = meter
  }

  hear(peer: WsPeer, text: string): void {
    this.answering(peer, () => this.take(peer, readWs(text)))
  }

  gone(peer: WsPeer): void {
    this.#swarms.gone(peer)
  }

  /** Takes a message that was read. Throws ClientError. */
  take(peer: WsPeer, raw: ReturnType<typeof readWs>): void {
    const startedMs = performance.now()
    const message = checkWs(raw)
    this.#swarms.hear(peer, message)
    if (message.action === 'scrape') this.scraped()
    else if (!('answer' in message)) this.#meter.answered(startedMs)
  }

  /** Tells a client of its own errors. */
  answering(peer: WsPeer, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.refuse(peer, error.message)
    }
  }

  /** A scrape was answered. */
  scraped(): void {
    this.#meter.scrapes++
  }

  refuse(peer: WsPeer, reason: string): void {
    this.#meter.refused++
    peer.send({ 'failure reason': reason })
  }
}
