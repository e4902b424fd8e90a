/** How a link's capacity changed over time; plain data. Entry after entry, and again from the first. */
export interface CapacityTrace {
  /** Milliseconds, each more than 0. */
  readonly durationsMs: readonly number[]
  /** Bytes per second; 0 where nothing came through. */
  readonly bps: readonly number[]
}

/** A trace and the two figures that what is held against capacities needs. */
export interface TraceSummary {
  readonly durationMs: number
  /** Mean over time, bytes per second. */
  readonly meanBps: number
  readonly maxBps: number
}

export function summarizeTrace({ durationsMs, bps }: CapacityTrace): TraceSummary {
  let durationMs = 0
  let bytesMs = 0
  let maxBps = 0
  for (let i = 0; i < bps.length; i++) {
    durationMs += durationsMs[i]
    bytesMs += durationsMs[i] * bps[i]
    maxBps = Math.max(maxBps, bps[i])
  }
  return { durationMs, meanBps: bytesMs / durationMs, maxBps }
}

/** What is wrong with data, and what is allowed. */
export interface DataProblem {
  readonly found: string
  readonly allowed: string
}

/** What is wrong with a trace; undefined where nothing is. */
export function traceProblem({ durationsMs, bps }: CapacityTrace): DataProblem | undefined {
  if (bps.length === 0 || bps.length !== durationsMs.length)
    return {
      found: `${durationsMs.length} durations and ${bps.length} capacities`,
      allowed: 'as many of both, one at least',
    }
  const badDuration = durationsMs.find((ms) => !(ms > 0 && ms < Infinity))
  if (badDuration !== undefined) return { found: `duration ${badDuration} ms`, allowed: 'more than 0' }
  const badBps = bps.find((value) => !(value >= 0 && value < Infinity))
  if (badBps !== undefined) return { found: `capacity ${badBps} B/s`, allowed: '0 or more' }
  if (bps.some((value) => value > 0)) return undefined
  return { found: 'no capacity at any time', allowed: 'more than 0 somewhere' }
}

/** Goes through a trace, looped, from `offsetMs` into it. */
export class TraceCursor {
  readonly #trace: CapacityTrace
  #entry = 0
  /** When the present entry ends, on the clock of the one who asks. */
  #endsMs: number

  /** `nowMs`: the moment at which the trace is `offsetMs` in. */
  constructor(trace: CapacityTrace, offsetMs: number, nowMs: number) {
    this.#trace = trace
    let leftMs = offsetMs
    while (leftMs >= trace.durationsMs[this.#entry]) {
      leftMs -= trace.durationsMs[this.#entry]
      this.#entry = (this.#entry + 1) % trace.bps.length
    }
    this.#endsMs = nowMs - leftMs + trace.durationsMs[this.#entry]
  }

  /** Capacity of the present entry, bytes per second. */
  get bps(): number {
    return this.#trace.bps[this.#entry]
  }

  /** When the present entry ends. */
  get endsMs(): number {
    return this.#endsMs
  }

  /** Goes to the entry that holds at `nowMs`. */
  advance(nowMs: number): void {
    while (this.#endsMs <= nowMs) {
      this.#entry = (this.#entry + 1) % this.#trace.bps.length
      this.#endsMs += this.#trace.durationsMs[this.#entry]
    }
  }
}
