import type { NodeRecord, WorldResult } from './world-result.ts'

/** The metrics of one simulation, by name; NaN where there is nothing to measure. */
export const SIM_METRICS = [
  'completion_mean_s',
  'completion_p95_s',
  'chunk_fetch_mean_ms',
  'chunk_fetch_p50_ms',
  'chunk_fetch_p95_ms',
  'goodput_mean_bps',
  'completed_share',
  'origin_share',
  'wasted_share',
  'control_share',
  'failure_share',
  'busy_share',
  'upload_jain',
  'bound_ratio',
  'events',
  'fetches',
] as const
export type SimMetric = (typeof SIM_METRICS)[number]

/**
 * Measures a result. Completion counts from a peer's arrival, over the peers that completed; goodput is content bytes over
 * completion time; shares are of bytes (origin: of what was kept; wasted: of what arrived; control: of all on the wire)
 * or of fetches (failure: time-out, corrupt, disconnected; busy); completed is of the peers that arrived; fairness is Jain's
 * index of the peers' uploaded bytes.
 */
export function measure(result: WorldResult): Record<SimMetric, number> {
  const { peers, results, okDurationsMs, contentBytes } = result
  const completionS = completionTimesMs(result).map((ms) => ms / 1000)
  const fetchMs = okDurationsMs.toSorted()
  const fetches = Object.values(results).reduce((sum, count) => sum + count, 0)
  const keptBytes = sum(peers, 'downloadedBytes')
  const arrivedBytes = keptBytes + sum(peers, 'wastedBytes')
  return {
    completion_mean_s: mean(completionS),
    completion_p95_s: quantile(completionS.toSorted(), 0.95),
    chunk_fetch_mean_ms: mean(okDurationsMs),
    chunk_fetch_p50_ms: quantile(fetchMs, 0.5),
    chunk_fetch_p95_ms: quantile(fetchMs, 0.95),
    goodput_mean_bps: mean(completionS.map((seconds) => contentBytes / seconds)),
    completed_share: completionS.length / peers.length,
    origin_share: sum(peers, 'fromOriginBytes') / keptBytes,
    wasted_share: sum(peers, 'wastedBytes') / arrivedBytes,
    control_share: result.controlBytes / (result.controlBytes + arrivedBytes),
    failure_share: (results.timeout + results.corrupt + results.disconnected) / fetches,
    busy_share: results.busy / fetches,
    upload_jain: jainIndex(Float64Array.from(peers, (peer) => peer.uploadedBytes)),
    bound_ratio: result.bound.ratio,
    events: result.events,
    fetches,
  }
}

/** From arrival to the last chunk, for each peer that completed. */
export function completionTimesMs({ peers }: WorldResult): Float64Array {
  return Float64Array.from(
    peers.filter(({ completedMs }) => !Number.isNaN(completedMs)),
    ({ arrivedMs, completedMs }) => completedMs - arrivedMs,
  )
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); NaN of nothing. */
export function quantile(sorted: Float64Array, level: number): number {
  if (sorted.length === 0) return NaN
  const position = level * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/** Jain, Chiu and Hawe 1984: 1 where all are equal, 1/n where one has everything; NaN where nobody has anything. */
export function jainIndex(values: Float64Array): number {
  const total = values.reduce((sum, value) => sum + value, 0)
  const squares = values.reduce((sum, value) => sum + value * value, 0)
  return (total * total) / (values.length * squares)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

type ByteField = 'downloadedBytes' | 'wastedBytes' | 'fromOriginBytes'

function sum(peers: readonly NodeRecord[], field: ByteField): number {
  return peers.reduce((total, peer) => total + peer[field], 0)
}
