/** An up-link of `upBps` bytes per second that is there from `fromMs` to `toMs`. */
export interface UpInterval {
  readonly upBps: number
  readonly fromMs: number
  readonly toMs: number
}

/** A peer that has the whole content at `completedMs`. */
export interface CompletedPeer {
  readonly arrivedMs: number
  readonly completedMs: number
  readonly downBps: number
}

export interface BoundInput {
  readonly contentBytes: number
  /** Hosts that hold the content from the start. */
  readonly sources: readonly UpInterval[]
  /** All peers, those that left before the end included. */
  readonly peers: readonly UpInterval[]
  readonly completed: readonly CompletedPeer[]
}

export interface DistributionBound {
  /** Earliest time at which the last of the completed peers could have finished, and when it did. */
  readonly boundMs: number
  readonly actualMs: number
  /** Actual over bound, both counted from the first arrival; 1 is the physical optimum. */
  readonly ratio: number
}

/**
 * Minimum distribution time max{F/u_s, F/d_min, N·F/(u_s + Σ u_i)} of Kumar and Ross (2006), for peers that come and go:
 * up-links count only while their host is there, a peer's own download starts at its arrival, and N are the peers that
 * completed. NaN where none did.
 */
export function distributionBound({
  contentBytes,
  sources,
  peers,
  completed,
}: BoundInput): DistributionBound {
  if (completed.length === 0) return { boundMs: NaN, actualMs: NaN, ratio: NaN }
  const startMs = firstArrivalMs(peers)
  const met = metSources(sources, startMs)
  const sourceBps = met.reduce((sum, { upBps }) => sum + upBps, 0)
  let boundMs = startMs + (1000 * contentBytes) / sourceBps
  let actualMs = 0
  for (const { arrivedMs, completedMs, downBps } of completed) {
    boundMs = Math.max(boundMs, arrivedMs + (1000 * contentBytes) / downBps)
    actualMs = Math.max(actualMs, completedMs)
  }
  const supply = new Supply([...met, ...peers])
  boundMs = Math.max(boundMs, supply.whenMs(completed.length * contentBytes))
  return { boundMs, actualMs, ratio: (actualMs - startMs) / (boundMs - startMs) }
}

/**
 * The first completion that no network could have delivered in time, in words; undefined where all are possible. Each
 * k-th completion needs k contents' worth of up-link time before it, one content through its own down-link, and one content
 * out of the sources.
 */
export function impossibleCompletion(input: BoundInput, slack: number): string | undefined {
  const { contentBytes, sources, peers, completed } = input
  if (completed.length === 0) return undefined
  const startMs = firstArrivalMs(peers)
  const met = metSources(sources, startMs)
  const sourceBps = met.reduce((sum, { upBps }) => sum + upBps, 0)
  const supply = new Supply([...met, ...peers])
  const inOrder = completed.toSorted((a, b) => a.completedMs - b.completedMs)
  for (let k = 0; k < inOrder.length; k++) {
    const { arrivedMs, completedMs, downBps } = inOrder[k]
    const leastMs = Math.max(
      startMs + (1000 * contentBytes) / sourceBps,
      arrivedMs + (1000 * contentBytes) / downBps,
      supply.whenMs((k + 1) * contentBytes),
    )
    if ((completedMs - startMs) * (1 + slack) < leastMs - startMs)
      return `completion ${k + 1} of ${inOrder.length} at ${completedMs} ms, possible from ${leastMs} ms`
  }
  return undefined
}

/** Bytes that a set of up-links can have sent by any time. Ask for rising amounts. */
class Supply {
  readonly #changes: { atMs: number; upBps: number }[] = []
  #next = 0
  #atMs = 0
  #upBps = 0
  #bytes = 0

  constructor(intervals: readonly UpInterval[]) {
    for (const { upBps, fromMs, toMs } of intervals) {
      this.#changes.push({ atMs: fromMs, upBps })
      if (toMs < Infinity) this.#changes.push({ atMs: toMs, upBps: -upBps })
    }
    this.#changes.sort((a, b) => a.atMs - b.atMs)
  }

  /** When `bytes` can have been sent; Infinity for never. */
  whenMs(bytes: number): number {
    for (; this.#next < this.#changes.length; this.#next++) {
      const { atMs, upBps } = this.#changes[this.#next]
      const byThen = this.#bytes + (this.#upBps * (atMs - this.#atMs)) / 1000
      if (byThen >= bytes) break
      this.#bytes = byThen
      this.#atMs = atMs
      this.#upBps += upBps
    }
    return this.#upBps > 0 ? this.#atMs + (1000 * (bytes - this.#bytes)) / this.#upBps : Infinity
  }
}

/** The sources that somebody who came at `startMs` or later can have met, from then on. */
const metSources = (sources: readonly UpInterval[], startMs: number): UpInterval[] =>
  sources.filter(({ toMs }) => toMs > startMs).map((source) => ({ ...source, fromMs: startMs }))

function firstArrivalMs(peers: readonly UpInterval[]): number {
  return peers.reduce((first, { fromMs }) => Math.min(first, fromMs), Infinity)
}
