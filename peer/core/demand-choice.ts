import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkDemand, ChunkRange } from './chunk-demand.ts'
import type { Fetch } from './fetch.ts'
import type { PeerSettings } from './options.ts'

/** However near a deadline is, a peer is given so much time. */
const LEAST_TIMEOUT_MS = 1_000

export const isIn = ({ start, end }: ChunkRange, chunk: number): boolean => chunk >= start && chunk < end

export const isDemanded = (demand: ChunkDemand, chunk: number): boolean =>
  isIn(demand.window, chunk) || isIn(demand.urgent, chunk) || demand.keeps?.(chunk) === true

/** The first missing chunk of a range that no origin is being asked for; -1 where there is none. */
export function firstToRescue({ start, end }: ChunkRange, have: ChunkSet, fetches: readonly Fetch[]): number {
  const isRescued = (chunk: number): boolean =>
    fetches.some((fetch) => fetch.chunk === chunk && (fetch.reason === 'origin' || fetch.isVerifying))
  for (let chunk = start; chunk < end; chunk++) if (!have.has(chunk) && !isRescued(chunk)) return chunk
  return -1
}

/** What is left to other peers while an origin takes care of the urgent chunks. */
export function rangeForPeers({ window, urgent }: ChunkDemand, originAnswers: () => boolean): ChunkRange {
  if (urgent.start >= urgent.end || !originAnswers()) return window
  return { start: Math.max(window.start, urgent.end), end: window.end }
}

/**
 * Time-out of a fetch: after what others took, within bounds. A peer, unlike an origin, that will not make it by the
 * deadline is given up while another one still can.
 */
export function fetchTimeoutMs(
  { reason, decidedMs, deadlineMs }: Fetch,
  { minFetchTimeoutMs, maxFetchTimeoutMs, fetchTimeoutFactor }: PeerSettings,
  meanDurationMs: number,
): number {
  const usualMs = Number.isNaN(meanDurationMs)
    ? maxFetchTimeoutMs
    : Math.min(maxFetchTimeoutMs, Math.max(minFetchTimeoutMs, fetchTimeoutFactor * meanDurationMs))
  if (Number.isNaN(deadlineMs) || reason === 'origin') return usualMs
  return Math.min(usualMs, Math.max(LEAST_TIMEOUT_MS, deadlineMs - decidedMs))
}
