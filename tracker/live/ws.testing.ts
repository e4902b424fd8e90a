import { once } from 'node:events'
import { WebSocket } from 'ws'

export type WsMessage = Record<string, unknown>

/** A WebTorrent client that keeps what it hears until somebody asks for it. */
export class WsClient {
  readonly socket: WebSocket
  readonly #heard: WsMessage[] = []
  #wake = (): void => {}

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.#heard.push(JSON.parse((data as Buffer).toString()) as WsMessage)
      this.#wake()
    })
  }

  /** Connects to the tracker at an HTTP URL, from a page of that origin. */
  static async connect(url: string, origin = 'https://a.example'): Promise<WsClient> {
    const client = new WsClient(new WebSocket(url.replace('http', 'ws'), { origin }))
    await once(client.socket, 'open')
    return client
  }

  say(message: WsMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  async next(): Promise<WsMessage> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#heard.shift()!
  }
}

export const wsPeerId = (n: number): string => `-WW0100-${String(n).padStart(12, '0')}`

/** An announce of peer `n` with so many offers. */
export const wsAnnounce = (hash: string, n: number, offers = 0, more: WsMessage = {}): WsMessage => ({
  ...{ action: 'announce', info_hash: hash, peer_id: wsPeerId(n) },
  ...{ uploaded: 0, downloaded: 0, left: 10, numwant: offers },
  offers: Array.from({ length: offers }, (_, i) => ({
    offer_id: `${n}-${i}`,
    offer: { type: 'offer', sdp: `sdp ${i}` },
  })),
  ...more,
})
