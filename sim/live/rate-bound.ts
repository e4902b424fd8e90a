/** How long a host was there, and what it could send meanwhile. */
export interface Presence {
  readonly upBps: number
  readonly hereMs: number
}

export interface RateBoundInput {
  readonly sources: readonly Presence[]
  readonly viewers: readonly Presence[]
  /** Bytes that each viewer got, in the order of `viewers`. */
  readonly viewerBytes: readonly number[]
}

/**
 * The highest rate at which a stream can reach every viewer, in bytes a second: min{u_s, (u_s + Σ u_i) / N} (Kumar, Liu and
 * Ross, "Stochastic fluid theory for P2P streaming systems", INFOCOM 2007). Where viewers come and go, N and the sum are
 * means over time, weighted by how long each was there.
 */
export function maxRateBps({ sources, viewers }: RateBoundInput): number {
  const sourceBytes = capacityBytes(sources)
  const longestMs = Math.max(0, ...sources.map(({ hereMs }) => hereMs))
  const viewerMs = viewers.reduce((sum, { hereMs }) => sum + hereMs, 0)
  const sourceBps = (1000 * sourceBytes) / longestMs
  return Math.min(sourceBps, (1000 * (sourceBytes + capacityBytes(viewers))) / viewerMs)
}

/** Mean rate at which viewers got the stream while they were there, bytes a second. */
export function meanRateBps({ viewers, viewerBytes }: RateBoundInput): number {
  const viewerMs = viewers.reduce((sum, { hereMs }) => sum + hereMs, 0)
  return (1000 * viewerBytes.reduce((sum, bytes) => sum + bytes, 0)) / viewerMs
}

/**
 * What both terms of the bound come from: all bytes together were sent by somebody who was there, and what one viewer got has
 * left a source. Says what is impossible, or undefined.
 */
export function impossibleRate(input: RateBoundInput, slack: number): string | undefined {
  const { sources, viewers, viewerBytes } = input
  const sourceBytes = capacityBytes(sources)
  const allBytes = sourceBytes + capacityBytes(viewers)
  const total = viewerBytes.reduce((sum, bytes) => sum + bytes, 0)
  if (total > allBytes * (1 + slack)) return `viewers got ${total} bytes, all together could send ${allBytes}`
  const most = viewerBytes.reduce((max, bytes) => Math.max(max, bytes), 0)
  if (most > sourceBytes * (1 + slack))
    return `a viewer got ${most} bytes, the sources could send ${sourceBytes}`
  return undefined
}

const capacityBytes = (hosts: readonly Presence[]): number =>
  hosts.reduce((sum, { upBps, hereMs }) => sum + (upBps * hereMs) / 1000, 0)
