import type { ChunkHeader, Message } from '../../peer/protocol/messages.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { Clock, Timer } from '../../peer/ports/clock.ts'
import type { Link, LinkDownReason, LinkHandler } from '../../peer/ports/network.ts'
import type { LinkEnd } from '../link-end.ts'
import type { SimNetwork } from '../sim-network.ts'
import { NetworkFilter } from './network-filter.ts'

/** Holds what reaches a stopped process, in order, until it goes on. */
export class PauseGate {
  #held: (() => void)[] = []
  #isShut = false
  /** Bytes of chunks that have reached the host and not the process, and never will where it has closed their link. */
  unreadBytes = 0

  get isShut(): boolean {
    return this.#isShut
  }

  /** Calls back at once, or when the process goes on. */
  pass(act: () => void): void {
    if (this.#isShut) this.#held.push(act)
    else act()
  }

  shut(): void {
    this.#isShut = true
  }

  open(): void {
    this.#isShut = false
    const held = this.#held
    this.#held = []
    for (const act of held) act()
  }

  /** The process is killed: what waits is lost. */
  drop(): void {
    this.#held = []
    this.#isShut = false
  }
}

class PausableTimer {
  inner: Timer = 0
  isCleared = false
}

/** The clock of a process that may be stopped: its timers that are due meanwhile fire when it goes on. */
export class PausableClock implements Clock {
  readonly #clock: Clock
  readonly #gate: PauseGate

  constructor(clock: Clock, gate: PauseGate) {
    this.#clock = clock
    this.#gate = gate
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = new PausableTimer()
    timer.inner = this.#clock.setTimer(delayMs, () =>
      this.#gate.pass(() => {
        if (!timer.isCleared) callback()
      }),
    )
    return timer
  }

  clearTimer(timer: Timer): void {
    if (!(timer instanceof PausableTimer)) return
    timer.isCleared = true
    this.#clock.clearTimer(timer.inner)
  }
}

/**
 * The network of a process that may be stopped. Its host goes on meanwhile: it accepts links, acknowledges and buffers what
 * comes, as far as it has room (unread.ts). What the process was sending stands still.
 */
export class PausableNetwork extends NetworkFilter {
  readonly #network: SimNetwork
  readonly #gate: PauseGate
  readonly #closed = new WeakSet<Link>()

  constructor(network: SimNetwork, gate: PauseGate) {
    super(network)
    this.#network = network
    this.#gate = gate
  }

  pause(): void {
    if (this.#gate.isShut) return
    this.#network.catchUp()
    // News that waits must wait for the process from now on, not for its next message.
    this.#network.newsCanWait = false
    this.#network.stopReading()
    this.#gate.shut()
  }

  resume(): void {
    if (!this.#gate.isShut) return
    this.#network.readOn()
    this.#gate.open()
  }

  override close(link: Link): void {
    this.#closed.add(link)
    super.close(link)
  }

  override linkUp(handler: LinkHandler, link: Link, incoming: boolean): void {
    this.#pass(link, () => handler.linkUp(link, incoming))
  }

  override linkDown(handler: LinkHandler, link: Link, reason: LinkDownReason): void {
    this.#pass(link, () => handler.linkDown(link, reason))
  }

  override message(handler: LinkHandler, link: Link, message: Exclude<Message, ChunkHeader>): void {
    if (this.#gate.isShut) this.#network.leaveUnread(link as LinkEnd, message)
    this.#pass(link, () => handler.message(link, message))
  }

  override chunkBegins(handler: LinkHandler, link: Link, header: ChunkHeader): void {
    this.#pass(link, () => handler.chunkBegins(link, header))
  }

  override chunkArrived(handler: LinkHandler, link: Link, header: ChunkHeader, body: ChunkBody): void {
    this.#gate.unreadBytes += body.bytes
    this.#pass(link, () => {
      this.#gate.unreadBytes -= body.bytes
      handler.chunkArrived(link, header, body)
    })
  }

  override chunkSent(handler: LinkHandler, link: Link, requestId: number, sent: boolean): void {
    this.#pass(link, () => handler.chunkSent(link, requestId, sent))
  }

  /** What waited on a link that the process closes when it goes on is never heard. */
  #pass(link: Link, act: () => void): void {
    this.#gate.pass(() => {
      if (!this.#closed.has(link)) act()
    })
  }
}
