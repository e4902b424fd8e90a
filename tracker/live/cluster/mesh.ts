import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { rm } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { FrameSocket } from './frame-socket.ts'
import { ANSWER, type Asked, type Done, FAILED, Link, PROTOCOL, PUSH, socketOf } from './link.ts'
import type { ClusterPlace } from './place.ts'
import { shardOf } from './shard-of.ts'

export type Reply = (body?: string | Buffer, encoding?: BufferEncoding) => void
/** Answers requests of a kind; what it throws, the asker gets as an error. */
export type Handler = (from: number, body: Buffer, reply: Reply) => void

/**
 * The links between the processes of a cluster: each dials each other one's socket and asks over its own link. Where one is
 * down its links are dialled again and again, and whoever asks is told at once.
 */
export class Mesh {
  readonly place: ClusterPlace
  readonly #server: Server
  readonly #handlers = new Map<number, Handler>()
  readonly #links: (Link | undefined)[]
  readonly #inbound = new Map<number, FrameSocket>()
  readonly #watchers: ((index: number) => void)[] = []
  readonly #leaveWatchers: ((index: number) => void)[] = []
  #hearPush: (id: number, body: Buffer) => void = () => undefined

  constructor(place: ClusterPlace) {
    this.place = place
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 })
    this.#server.on('upgrade', (incoming, stream, head) => this.#welcome(incoming, stream, head))
    this.#links = Array.from({ length: place.count }, (_, index) =>
      index === place.index
        ? undefined
        : new Link(place, index, {
            push: (id, body) => this.#hearPush(id, body),
            up: () => this.#watchers.forEach((watcher) => watcher(index)),
          }),
    )
  }

  /** Answers requests of a kind. */
  handle(kind: Asked, handler: Handler): void {
    this.#handlers.set(kind, handler)
  }

  /** Hears what processes push over the links that this one has dialled. */
  hearPushes(hear: (id: number, body: Buffer) => void): void {
    this.#hearPush = hear
  }

  /** Told when a link to another process comes up, again too. */
  watch(watcher: (index: number) => void): void {
    this.#watchers.push(watcher)
  }

  /** Told when another process is gone. */
  watchLeaving(watcher: (index: number) => void): void {
    this.#leaveWatchers.push(watcher)
  }

  /** Listens, and dials the others; plain HTTP requests of theirs go to `listener`. Rejects where it can't listen. */
  async open(listener: RequestListener): Promise<void> {
    const { folder, index } = this.place
    this.#server.on('request', listener)
    // One that died has left its socket.
    await rm(socketOf(folder, index), { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(socketOf(folder, index), () => resolve())
    })
    for (const link of this.#links) link?.dial()
  }

  /** The process that holds a swarm; undefined where it is this one. */
  elsewhere(swarm: string): number | undefined {
    const owner = shardOf(swarm, this.place.count)
    return owner === this.place.index ? undefined : owner
  }

  /** All the others. */
  get others(): readonly number[] {
    return this.#links.flatMap((link, index) => (link ? [index] : []))
  }

  /** How many processes answer, this one included. */
  get upCount(): number {
    return this.#links.filter((link) => link?.isUp ?? true).length
  }

  /** Resolves once all others answer, or after so long. */
  async whole(patienceMs: number): Promise<void> {
    if (this.upCount === this.place.count) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.watch(() => {
        if (this.upCount < this.place.count) return
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Asks another process; `done` is told once, with a ShardDownError where it does not answer. */
  ask(index: number, kind: Asked, body: string | Buffer, encoding: BufferEncoding, done: Done): void {
    this.#links[index]!.ask(kind, body, encoding, done)
  }

  /** Tells another process something that needs no answer. */
  tell(index: number, kind: Asked, body: string | Buffer, encoding: BufferEncoding): void {
    this.#links[index]!.tell(kind, body, encoding)
  }

  /** Tells another process something unasked, over the link that it has dialled. */
  push(index: number, id: number, body: string): void {
    this.#inbound.get(index)?.send(PUSH, id, body, 'utf8')
  }

  async close(): Promise<void> {
    for (const link of this.#links) link?.close()
    for (const socket of this.#inbound.values()) socket.end()
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #welcome(incoming: IncomingMessage, stream: Duplex, head: Buffer): void {
    const from = Number(incoming.headers['x-worker'])
    if (incoming.headers.upgrade !== PROTOCOL || this.#links[from] === undefined) return void stream.destroy()
    stream.unshift(head)
    stream.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${PROTOCOL}\r\n\r\n`)
    const before = this.#inbound.get(from)
    if (before) this.#left(from, before)
    const socket = new FrameSocket(
      stream,
      (kind, id, body) => this.#answer(socket, from, kind, id, body),
      () => this.#left(from, socket),
    )
    this.#inbound.set(from, socket)
  }

  #left(from: number, socket: FrameSocket): void {
    if (this.#inbound.get(from) !== socket) return
    this.#inbound.delete(from)
    socket.destroy()
    for (const watcher of this.#leaveWatchers) watcher(from)
  }

  #answer(socket: FrameSocket, from: number, kind: number, id: number, body: Buffer): void {
    try {
      this.#handlers.get(kind)!(from, body, (reply, encoding) => socket.send(ANSWER, id, reply, encoding))
    } catch (error) {
      socket.send(FAILED, id, (error as Error).message, 'utf8')
    }
  }
}
