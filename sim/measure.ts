import { mean, quantile } from './statistics.ts'
import type { NodeRecord, WorldResult } from './world-result.ts'

/**
 * What every run measures, by metric name; NaN where there is nothing to measure. Shares are of bytes (origin: of what was
 * kept; wasted: of what arrived; control: of all on the wire) or of fetches (failure: time-out, corrupt, disconnected;
 * busy). The workload's own metrics come with the result.
 */
export function measure(result: WorldResult): Record<string, number> {
  const { peers, results, okDurationsMs, peerDials } = result
  const fetchMs = okDurationsMs.toSorted()
  const fetches = Object.values(results).reduce((sum, count) => sum + count, 0)
  const keptBytes = sum(peers, 'downloadedBytes')
  const arrivedBytes = keptBytes + sum(peers, 'wastedBytes')
  return {
    ...result.measures.metrics,
    chunk_fetch_mean_ms: mean(okDurationsMs),
    chunk_fetch_p50_ms: quantile(fetchMs, 0.5),
    chunk_fetch_p95_ms: quantile(fetchMs, 0.95),
    origin_share: sum(peers, 'fromOriginBytes') / keptBytes,
    wasted_share: sum(peers, 'wastedBytes') / arrivedBytes,
    control_share: result.controlBytes / (result.controlBytes + arrivedBytes),
    connect_share: peerDials.up / peerDials.attempts,
    failure_share: (results.timeout + results.corrupt + results.disconnected) / fetches,
    busy_share: results.busy / fetches,
    events: result.events,
    fetches,
  }
}

type ByteField = 'downloadedBytes' | 'wastedBytes' | 'fromOriginBytes'

function sum(peers: readonly NodeRecord[], field: ByteField): number {
  return peers.reduce((total, peer) => total + peer[field], 0)
}
