import { isIP } from 'node:net'
import { WebSocket } from 'ws'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { TrackerError } from './errors.ts'
import { asTracker, guardedLookup } from './guarded-http.ts'
import { parseWsTrackerMessage, type WsTrackerMessage } from './ws-tracker-messages.ts'

const HANDSHAKE_TIMEOUT_MS = 15_000
const MOST_MESSAGE_BYTES = 128 * 1024
/** A tracker that does not take what it is told is lost. */
const MOST_UNSENT_BYTES = 1024 * 1024
/** A tracker that has not answered a ping by the next one is lost. */
const PING_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const MOST_PAUSE_MS = 5 * 60_000
/** How long a connection that is closed may take to say its last words. */
const GOODBYE_MS = 2_000

/** Who takes part in a swarm by a tracker. Never called from inside a call of WsTracker. */
export interface WsMember {
  /** The connection is there, or there again: the tracker has forgotten what it was told before. */
  opened(): void
  heard(message: WsTrackerMessage): void
}

export interface WsTrackerPorts {
  readonly clock: Clock
  readonly random: Random
  warning?(error: Error): void
}

/** One connection to a tracker over WebSocket for all swarms of a process; comes back after a pause when it is lost. */
export class WsTracker {
  readonly url: string
  readonly #ports: WsTrackerPorts
  readonly #members = new Map<string, WsMember>()
  #socket: WebSocket | undefined
  #timer: Timer | undefined
  #failures = 0
  #isAnswering = false
  #isClosed = false

  constructor(url: string, ports: WsTrackerPorts) {
    this.url = url
    this.#ports = ports
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Takes part in the swarm of an info-hash (40 hex digits) from now on. */
  join(infoHash: string, member: WsMember): void {
    if (this.#members.has(infoHash))
      throw new TypeError(`invalid info-hash: ${infoHash} is announced already`)
    this.#members.set(infoHash, member)
    if (this.isOpen) setImmediate(() => this.#members.get(infoHash) === member && member.opened())
    else if (!this.#socket && this.#timer === undefined) this.#connect()
  }

  leave(infoHash: string): void {
    this.#members.delete(infoHash)
  }

  /** Says something; nothing is kept while there is no connection. */
  send(message: object): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) socket.terminate()
    else socket.send(JSON.stringify(message))
  }

  /** Ends the connection once what was said has left; resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#members.clear()
    this.#clearTimer()
    const socket = this.#socket
    if (!socket) return
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.close(1000)
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS)
    await gone
    clearTimeout(timer)
  }

  /** Cuts the connection at once, without a word. */
  destroy(): void {
    this.#isClosed = true
    this.#members.clear()
    this.#clearTimer()
    this.#socket?.terminate()
  }

  #connect(): void {
    const url = new URL(this.url)
    const allows = asTracker(this.url)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !allows({ url, address: host, isFromPublic: false }))
      return this.#arm(0, () =>
        this.#lost('its path or query is no announce, and it is in a private network'),
      )
    const socket = new WebSocket(this.url, {
      lookup: guardedLookup({ url, isFromPublic: false }, allows),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MOST_MESSAGE_BYTES,
      perMessageDeflate: false,
    })
    this.#socket = socket
    this.#isAnswering = true
    let why = 'it has closed the connection'
    socket.on('open', () => {
      for (const member of this.#members.values()) member.opened()
      this.#arm(PING_MS, () => this.#ping())
    })
    socket.on('message', (data, isBinary) => this.#hear(data as Buffer, isBinary))
    socket.on('pong', () => (this.#isAnswering = true))
    socket.on('error', (error) => (why = error.message))
    socket.on('close', () => this.#lost(why))
  }

  #hear(data: Buffer, isBinary: boolean): void {
    this.#isAnswering = true
    try {
      const message = isBinary ? undefined : parseWsTrackerMessage(data.toString('utf8'))
      if (!message) return
      if (message.kind === 'announced') this.#failures = 0
      const { infoHash } = message
      const members = infoHash === undefined ? [...this.#members.values()] : [this.#members.get(infoHash)]
      for (const member of members) member?.heard(message)
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'E_PROTOCOL') throw error
      this.#warn((error as Error).message)
      this.#socket?.terminate()
    }
  }

  #ping(): void {
    if (!this.#isAnswering) return void this.#socket?.terminate()
    this.#isAnswering = false
    this.#socket?.ping()
    this.#arm(PING_MS, () => this.#ping())
  }

  /** Comes back after a pause that doubles with each failure, somewhat at random, so that a tracker that was restarted is not overrun. */
  #lost(why: string): void {
    this.#socket = undefined
    this.#clearTimer()
    if (this.#isClosed) return
    if (this.#failures === 0) this.#warn(why)
    const pauseMs = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 16))
    this.#arm(pauseMs * (0.5 + this.#ports.random.next()), () => this.#connect())
  }

  #warn(why: string): void {
    this.#ports.warning?.(
      new TrackerError('E_TRACKER', `tracker ${this.url} is lost: ${why} (it is tried again)`),
    )
  }

  #arm(delayMs: number, callback: () => void): void {
    this.#clearTimer()
    this.#timer = this.#ports.clock.setTimer(delayMs, () => {
      this.#timer = undefined
      callback()
    })
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#ports.clock.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
