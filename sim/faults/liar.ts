import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { FetchReport } from '../../peer/protocol/messages.ts'
import type { Link } from '../../peer/ports/network.ts'
import { type ControlMessage, NetworkFilter } from './network-filter.ts'

/**
 * A peer that says to everybody, the tracker included, that it holds all chunks but the last: who claimed them all would be
 * told of no seed. Requests that it can't serve it refuses, or never answers.
 */
export class ChunkLiar extends NetworkFilter {
  #chunkCount = 0
  #holdsLast = false
  readonly #refuses: boolean

  constructor(inner: ConstructorParameters<typeof NetworkFilter>[0], refuses: boolean) {
    super(inner)
    this.#refuses = refuses
  }

  override send(link: Link, message: ControlMessage): void {
    switch (message.type) {
      case 'announce':
        this.#chunkCount = message.chunks.size
        this.#holdsLast ||= message.chunks.has(this.#chunkCount - 1)
        return super.send(link, { ...message, chunks: this.#claim() })
      case 'handshake':
        super.send(link, message)
        if (this.#chunkCount > 0) super.send(link, { type: 'bitfield', chunks: this.#claim() })
        return
      case 'bitfield':
        // A second bitfield would break the protocol.
        return this.#chunkCount > 0 ? undefined : super.send(link, message)
      case 'have':
        this.#holdsLast ||= message.chunk === this.#chunkCount - 1
        return message.chunk < this.#chunkCount - 1 ? undefined : super.send(link, message)
      case 'busy':
        return this.#refuses ? super.send(link, message) : undefined
      default:
        return super.send(link, message)
    }
  }

  #claim(): ChunkSet {
    const claimed = ChunkSet.full(this.#chunkCount)
    if (!this.#holdsLast) claimed.delete(this.#chunkCount - 1)
    return claimed
  }
}

/** A peer that tells the tracker the opposite of what its fetches were like, as often as a message can hold. */
export class OutcomeLiar extends NetworkFilter {
  override send(link: Link, message: ControlMessage): void {
    if (message.type !== 'report') return super.send(link, message)
    const lies = message.reports.map(opposite)
    const reports = Array.from({ length: LIMITS.reportsPerMessage }, (_, i) => lies[i % lies.length])
    super.send(link, { ...message, reports })
  }
}

/** Chunks of this many bytes in a millisecond: no seed is that fast. */
const WONDROUS = { result: 'ok', bytes: 1e9, durationMs: 1 } as const

const opposite = (report: FetchReport): FetchReport =>
  report.result === 'ok' ? { ...report, result: 'timeout', bytes: 0 } : { ...report, ...WONDROUS }
