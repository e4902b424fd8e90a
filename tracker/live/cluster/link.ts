import { request } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { ShardDownError } from './errors.ts'
import { FrameSocket } from './frame-socket.ts'
import type { ClusterPlace } from './place.ts'

export const PROTOCOL = 'seedbed-shard'
/** Kinds of frames: answers, what is told unasked, and from then on requests. */
export const ANSWER = 0
export const FAILED = 1
export const PUSH = 2
export const ASKED = { http: 3, udp: 4, scrape: 5, ws: 6, wsGone: 7, messages: 8, call: 9 } as const
export type Asked = (typeof ASKED)[keyof typeof ASKED]
/** Requests under way to one other process, at most, and how long one may take. */
const MOST_UNDER_WAY = 20_000
const TIMEOUT_MS = 5_000
const SWEEPS = 10
const NO_ANSWER = 0
const MOST_ID = 2 ** 32 - 1
const REDIAL_MS = 50

export type Done = (error: Error | undefined, body: Buffer) => void

export interface LinkEvents {
  readonly push: (id: number, body: Buffer) => void
  readonly up: () => void
}

const NOTHING = Buffer.alloc(0)

/** Where the socket of a process is. */
export const socketOf = (folder: string, index: number): string => join(folder, `${index}.sock`)

interface UnderWay {
  readonly done: Done
  readonly startedMs: number
}

/** This process's own way to another one, dialled again and again where it is down. */
export class Link {
  readonly #place: ClusterPlace
  readonly #index: number
  readonly #events: LinkEvents
  /** In the order in which they were asked. */
  readonly #underWay = new Map<number, UnderWay>()
  readonly #sweep: NodeJS.Timeout
  #socket: FrameSocket | undefined
  #redial: NodeJS.Timeout | undefined
  #isClosed = false
  /** A request has waited too long, and nothing was heard since: whoever asks is told at once. */
  #isSlow = false
  #next = 0

  constructor(place: ClusterPlace, index: number, events: LinkEvents, timeoutMs = TIMEOUT_MS) {
    this.#place = place
    this.#index = index
    this.#events = events
    this.#sweep = setInterval(() => {
      if (this.#giveUp(performance.now() - timeoutMs, 'is slow')) this.#isSlow = true
    }, timeoutMs / SWEEPS)
  }

  get isUp(): boolean {
    return this.#socket !== undefined && !this.#isSlow
  }

  dial(): void {
    const { folder, index } = this.#place
    const dialled = request({
      socketPath: socketOf(folder, this.#index),
      headers: { connection: 'Upgrade', upgrade: PROTOCOL, 'x-worker': String(index) },
    })
    dialled.on('upgrade', (_response, stream, head) => {
      stream.unshift(head)
      this.#connected(stream)
    })
    dialled.on('response', (response) => response.destroy())
    dialled.on('error', () => undefined)
    dialled.on('close', () => this.#dialLater())
    dialled.end()
  }

  ask(kind: Asked, body: string | Buffer, encoding: BufferEncoding, done: Done): void {
    if (!this.#socket) return done(new ShardDownError('is starting again'), NOTHING)
    if (this.#isSlow) return done(new ShardDownError('is slow'), NOTHING)
    if (this.#underWay.size >= MOST_UNDER_WAY) return done(new ShardDownError('has too much to do'), NOTHING)
    this.#next = (this.#next % MOST_ID) + 1
    this.#underWay.set(this.#next, { done, startedMs: performance.now() })
    this.#socket.send(kind, this.#next, body, encoding)
  }

  /** Says something that needs no answer; where nobody hears it, nobody knows what it is about. */
  tell(kind: Asked, body: string | Buffer, encoding: BufferEncoding): void {
    this.#socket?.send(kind, NO_ANSWER, body, encoding)
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    clearTimeout(this.#redial)
    this.#socket?.end()
  }

  #dialLater(): void {
    clearTimeout(this.#redial)
    if (!this.#socket && !this.#isClosed) this.#redial = setTimeout(() => this.dial(), REDIAL_MS)
  }

  #connected(stream: Duplex): void {
    if (this.#isClosed || this.#socket) return void stream.destroy()
    this.#socket = new FrameSocket(
      stream,
      (kind, id, body) => this.#hear(kind, id, body),
      () => {
        this.#socket = undefined
        this.#isSlow = false
        this.#giveUp(Infinity, 'is starting again')
        this.#dialLater()
      },
    )
    this.#events.up()
  }

  #hear(kind: number, id: number, body: Buffer): void {
    this.#isSlow = false
    if (kind === PUSH) return this.#events.push(id, body)
    const asked = this.#underWay.get(id)
    if (!asked) return
    this.#underWay.delete(id)
    if (kind === FAILED) asked.done(new Error(body.toString('utf8')), NOTHING)
    else asked.done(undefined, body)
  }

  /** Returns whether there was one that began before that. */
  #giveUp(beforeMs: number, why: string): boolean {
    let isAny = false
    for (const [id, { done, startedMs }] of this.#underWay) {
      if (startedMs > beforeMs) break
      isAny = true
      this.#underWay.delete(id)
      done(new ShardDownError(why), NOTHING)
    }
    return isAny
  }
}
