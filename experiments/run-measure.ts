import type { RunMeasure, Sample } from '../reports/measures.ts'
import { gini, jainIndex } from '../reports/fairness.ts'
import { measure } from '../sim/measure.ts'
import type { NodeRecord, WorldResult } from '../sim/world-result.ts'

/** Most points kept of a distribution: more than any chart or percentile shows. */
const SAMPLE_POINTS = 4096

/** What a report needs of one simulation. */
export function toRunMeasure(result: WorldResult, cell: string, replication: number): RunMeasure {
  const { peers, sources } = result
  const uploadBytes = Float64Array.from([...peers, ...sources.filter(isSeed)], (node) => node.uploadedBytes)
  const fairness = { upload_jain: jainIndex(uploadBytes), upload_gini: gini(uploadBytes) }
  const metrics = Object.entries({ ...measure(result), ...fairness }).map(([name, value]) => [
    name,
    Number.isFinite(value) ? value : null,
  ])
  return {
    cell,
    replication,
    metrics: Object.fromEntries(metrics) as RunMeasure['metrics'],
    samples: Object.fromEntries(
      Object.entries({ ...result.measures.samples, chunk_fetch_ms: result.okDurationsMs }).map(
        ([name, values]) => [name, sampleOf(values)],
      ),
    ),
    uploadBytes,
    sourceBytes: {
      seeds: total(peers, 'fromSeedBytes'),
      peers: total(peers, 'fromPeerBytes'),
      origin: total(peers, 'fromOriginBytes'),
    },
    results: { ...result.results },
  }
}

const isSeed = ({ role }: NodeRecord): boolean => role === 'seed'

const total = (
  nodes: readonly NodeRecord[],
  field: 'fromSeedBytes' | 'fromPeerBytes' | 'fromOriginBytes',
): number => nodes.reduce((sum, node) => sum + node[field], 0)

/** The values in order, thinned evenly where there are many; the extremes stay. */
function sampleOf(values: Float64Array): Sample {
  const sorted = values.toSorted()
  const { length: count } = sorted
  if (count <= SAMPLE_POINTS) return { count, points: sorted }
  const step = (count - 1) / (SAMPLE_POINTS - 1)
  return {
    count,
    points: Float64Array.from({ length: SAMPLE_POINTS }, (_, i) => sorted[Math.round(i * step)]),
  }
}
