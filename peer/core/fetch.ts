import type { Address } from '../protocol/ids.ts'
import type { Timer } from '../ports/clock.ts'
import type { FetchReason } from '../ports/recorder.ts'
import type { Neighbour } from './neighbour.ts'
import type { FetchFacts } from './options.ts'
import type { Decision } from './seed-selector.ts'

/** One request for one chunk, from the decision to its end. */
export class Fetch implements FetchFacts {
  readonly requestId: number
  readonly chunk: number
  readonly neighbour: Neighbour
  readonly reason: FetchReason
  readonly attempt: number
  readonly decidedMs: number
  /** Fetches under way at the requester when this one was decided. */
  readonly requesterInflight: number
  readonly decision: Decision | undefined
  /** Whether the seed held everything, as far as known when it was asked. */
  readonly fromSeed: boolean
  timer: Timer | undefined
  /** When the chunk is needed; NaN where there is no deadline. */
  deadlineMs = NaN
  firstByteMs = NaN
  seedActive = NaN
  seedQueued = NaN
  /** The data has come and is being checked and stored. */
  isVerifying = false

  constructor(
    requestId: number,
    chunk: number,
    neighbour: Neighbour,
    reason: FetchReason,
    attempt: number,
    decidedMs: number,
    requesterInflight: number,
    decision: Decision | undefined,
    fromSeed: boolean,
  ) {
    this.requestId = requestId
    this.chunk = chunk
    this.neighbour = neighbour
    this.reason = reason
    this.attempt = attempt
    this.decidedMs = decidedMs
    this.requesterInflight = requesterInflight
    this.decision = decision
    this.fromSeed = fromSeed
  }

  get seed(): Address {
    return this.neighbour.known.address
  }
}
