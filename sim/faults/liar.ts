import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { FetchReport } from '../../peer/protocol/messages.ts'
import type { Clock } from '../../peer/ports/clock.ts'
import type { Link, Network } from '../../peer/ports/network.ts'
import type { LiarFault } from '../faults.ts'
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

/** A peer that tells the tracker of more uploads than it made. */
class UploadLiar extends NetworkFilter {
  readonly #clock: Clock
  readonly #claimsBps: number
  #sinceMs = NaN

  constructor(inner: Network, clock: Clock, claimsBps: number) {
    super(inner)
    this.#clock = clock
    this.#claimsBps = claimsBps
  }

  override send(link: Link, message: ControlMessage): void {
    if (message.type !== 'announce') return super.send(link, message)
    const nowMs = this.#clock.nowMs()
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs
    const claimedBytes = Math.round((this.#claimsBps * (nowMs - this.#sinceMs)) / 1000)
    super.send(link, { ...message, uploadedBytes: message.uploadedBytes + claimedBytes })
  }
}

/** Bytes a second: a gigabit line that is always full. */
const DEFAULT_CLAIM_BPS = 125e6

/** What a liar speaks through. */
export function liarFor(
  { about, refuses, claimsBps = DEFAULT_CLAIM_BPS }: LiarFault,
  inner: Network,
  clock: Clock,
): Network {
  switch (about) {
    case 'outcomes':
      return new OutcomeLiar(inner)
    case 'chunks':
      return new ChunkLiar(inner, refuses)
    case 'uploads':
      return new UploadLiar(inner, clock, claimsBps)
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
