import type { LinkEnd } from './link-end.ts'
import type { SimNetwork } from './sim-network.ts'
import type { Transfer } from './transfer.ts'

/** Connections that a host takes for a program that does not ask for them: what Node.js asks its listeners to hold. */
const BACKLOG = 511

/** What a live peer lets wait unsent on one link before it gives the link up (`maxBacklogBytes` of peer/live/tcp-options.ts). */
export const BACKLOG_BYTES = 4 * 1024 * 1024

/** What has come on one link, or is on its way, and whom the full window keeps waiting. */
interface Buffer {
  bytes: number
  readonly waiting: Transfer[]
}

/**
 * What hosts keep for programs that stand still: on each link as much as the receive window of its connection takes, and so
 * many new links. A chunk that does not fit stays with its sender until the program reads on; messages wait there
 * too, and a sender with no room left for them gives the link up; whoever dials a host that holds no more links is not answered.
 */
export class Unread {
  readonly #windowBytes: number
  readonly #buffers = new Map<SimNetwork, Map<LinkEnd, Buffer>>()
  readonly #backlogs = new Map<SimNetwork, number>()

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes
  }

  get isAny(): boolean {
    return this.#buffers.size > 0
  }

  /** The program on a host reads no more. */
  begin(node: SimNetwork): void {
    this.#buffers.set(node, new Map())
    this.#backlogs.set(node, 0)
    for (const end of node.ends) for (const transfer of end.peer?.transfers ?? []) this.started(transfer)
  }

  /** The program goes on, and so does what waits for it. */
  end(node: SimNetwork): void {
    const buffers = this.#buffers.get(node)
    this.#buffers.delete(node)
    this.#backlogs.delete(node)
    for (const { waiting } of buffers?.values() ?? []) for (const transfer of waiting) transfer.release()
  }

  /** A chunk is being sent. One that is larger than the window is let through where nothing else is there. */
  started(transfer: Transfer): void {
    const end = transfer.end.peer!
    const buffer = this.#bufferOf(end)
    if (!buffer) return
    if (buffer.bytes > 0 && buffer.bytes + transfer.wireBytes > this.#windowBytes) {
      buffer.waiting.push(transfer)
      transfer.hold()
    } else buffer.bytes += transfer.wireBytes
  }

  /** A message has come, or waits at its sender; whether there is still room for it. */
  heard(end: LinkEnd, bytes: number): boolean {
    const buffer = this.#bufferOf(end)
    if (!buffer) return true
    buffer.bytes += bytes
    return buffer.bytes <= this.#windowBytes + BACKLOG_BYTES
  }

  /** Somebody dials; whether the host answers. */
  takes(node: SimNetwork): boolean {
    const held = this.#backlogs.get(node)
    if (held === undefined) return true
    this.#backlogs.set(node, Math.min(held + 1, BACKLOG))
    return held < BACKLOG
  }

  #bufferOf(end: LinkEnd): Buffer | undefined {
    const buffers = this.#buffers.get(end.network)
    if (!buffers) return undefined
    let buffer = buffers.get(end)
    if (!buffer) buffers.set(end, (buffer = { bytes: 0, waiting: [] }))
    return buffer
  }
}
