import seedrandom from 'seedrandom'
import type { CellPlan, RunMeasure } from './measures.ts'
import { gini, jainIndex } from './fairness.ts'
import { catalogueOf } from './metrics-catalog.ts'
import { QUANTILE_LEVELS, type ModelReport, type Result } from './schema.ts'
import { summarise } from './summary.ts'

/** What a made-up result looks like. */
export interface ResultOptions {
  /** Mean speed of each policy; 1 is the slowest. */
  policies?: Record<string, number>
  replications?: number
  points?: Record<string, unknown>[]
  baseline?: string | null
  oracle?: string | null
  model?: boolean
  published?: Result['published']
}

const POLICIES = {
  random: 1,
  'round-robin': 1.01,
  nearest: 0.97,
  'same-region': 1.0,
  'least-loaded': 1.13,
  fastest: 1.1,
  'two-choices': 1.08,
  model: 1.16,
  oracle: 1.26,
}

function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
}

function runOf(cell: CellPlan, replication: number, speed: number): RunMeasure {
  // Peers, arrivals and faults are those of the replication, whatever the policy.
  const shared = seedrandom.alea(`world/${JSON.stringify(cell.point)}/${replication}`)
  const own = seedrandom.alea(`${cell.cell}/${replication}`)
  const size = Number(cell.point['swarm.peers'] ?? 200)
  const stress = (size / 200) ** 0.2 * (cell.point['churn'] === 'high' ? 1.35 : 1)
  const hardness = Math.exp(0.1 * normal(shared)) * stress
  const slow = (hardness / speed) * Math.exp(0.012 * normal(own))
  const chunkFetchMs = Array.from({ length: 3000 }, () => 900 * slow * Math.exp(0.85 * normal(own)))
  const completionMs = Array.from({ length: size }, () => 41_000 * slow * Math.exp(0.35 * normal(shared)))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
  const at = (values: readonly number[], level: number): number =>
    sorted(values)[Math.floor(level * values.length)]
  const origin = Math.max(0, 0.06 * hardness ** 2 - 0.12 * (speed - 1) + 0.004 * normal(own))
  const ok = Math.round(chunkFetchMs.length * (1 - 0.03 * slow))
  const uploadBytes = completionMs.map(
    (_, i) => Math.exp(0.7 * speed * normal(shared)) * (i % 9 === 0 ? 0 : 64e6),
  )
  return {
    cell: cell.cell,
    replication,
    metrics: {
      completion_mean_s: sum(completionMs) / size / 1000,
      completion_p95_s: at(completionMs, 0.95) / 1000,
      chunk_fetch_mean_ms: sum(chunkFetchMs) / chunkFetchMs.length,
      chunk_fetch_p50_ms: at(chunkFetchMs, 0.5),
      chunk_fetch_p95_ms: at(chunkFetchMs, 0.95),
      goodput_mean_bps: 64e6 / (sum(completionMs) / size / 1000),
      completed_share: Math.min(1, 0.94 + 0.02 * speed + 0.005 * normal(own)),
      bound_ratio: 1.6 * slow,
      connect_share: 0.97,
      failure_share: 0.031 * slow,
      busy_share: cell.policy === 'round-robin' ? null : 0.02 * slow * slow,
      fetches: 13_200 + Math.round(200 * normal(own)),
      origin_share: origin,
      wasted_share: 0.012 * slow,
      control_share: 0.0041,
      upload_jain: jainIndex(uploadBytes),
      upload_gini: gini(uploadBytes),
      events: 412_000 + Math.round(9000 * slow),
    },
    samples: {
      chunk_fetch_ms: { count: chunkFetchMs.length, points: chunkFetchMs },
      completion_ms: { count: completionMs.length, points: completionMs },
    },
    uploadBytes,
    sourceBytes: {
      seeds: 12.8e9 * (0.34 - origin / 2),
      peers: 12.8e9 * (0.66 - origin / 2),
      origin: 12.8e9 * origin,
    },
    results: { ok, timeout: 3000 - ok - 34, busy: 20, disconnected: 9, corrupt: 5, cancelled: 0 },
  }
}

const FEATURES: [string, number][] = [
  ['observed_throughput', 0.214],
  ['load', 0.161],
  ['rtt_ms', 0.083],
  ['uplink_class', 0.071],
  ['queue_length', 0.048],
  ['recent_failures', 0.022],
  ['same_region', 0.013],
  ['session_age_s', 0.006],
  ['chunks_held_share', 0.002],
  ['is_origin', -0.001],
]

const MODEL: ModelReport = {
  name: 'quickstart',
  version: 'f3b1c2a97e4d58a06b1e0f7d9c35ab21',
  backend: 'wasm',
  seed: 'quickstart/model',
  groups: { train: 18, validation: 4, test: 6 },
  rows: { train: 182_410, validation: 40_233, test: 60_871 },
  architecture: 'MLP 14-32-16-1, listwise softmax loss',
  parameters: 1025,
  trainSeconds: 38.4,
  curve: Array.from({ length: 24 }, (_, epoch) => ({
    epoch: epoch + 1,
    trainLoss: 1.62 + 0.9 * Math.exp(-epoch / 4) - epoch * 0.004,
    validationLoss: 1.7 + 0.84 * Math.exp(-epoch / 4) + Math.max(0, epoch - 15) * 0.006,
  })),
  bestEpoch: 17,
  testMetrics: [
    {
      name: 'loss',
      value: 1.7132,
      baseline: 2.0794,
      description: 'listwise softmax loss; baseline: every seed alike',
    },
    {
      name: 'top-1 accuracy',
      value: 0.3941,
      baseline: 0.125,
      description: 'the first in rank was the fastest',
    },
    { name: 'NDCG@5', value: 0.8127, baseline: null, description: 'order of the first five' },
  ],
  importance: FEATURES.map(([feature, lossIncrease]) => ({
    feature,
    lossIncrease,
    ci95: [lossIncrease - 0.004 - lossIncrease * 0.08, lossIncrease + 0.004 + lossIncrease * 0.08],
  })),
}

/** A result as a sweep would give it, made up but summarised by the same code. */
export function makeResult(options: ResultOptions = {}): Result {
  const { replications = 8, points = [{}], model = true } = options
  const policies: Record<string, number> = options.policies ?? POLICIES
  const { baseline = 'random', oracle = 'oracle' } = options
  const cells = points.flatMap((point) =>
    Object.keys(policies).map((policy): CellPlan => ({
      cell: `${policy}@${JSON.stringify(point)}`,
      policy,
      policySpec: { name: policy },
      point,
    })),
  )
  const { metrics, distributions } = catalogueOf('download')
  const runs = cells.flatMap((cell) =>
    Array.from({ length: replications }, (_, replication) => runOf(cell, replication, policies[cell.policy])),
  )
  return {
    schemaVersion: 2,
    name: 'quickstart',
    description:
      'Which seed should a peer ask? Nine policies in a heterogeneous swarm, judged on seeds the model never saw.',
    seedbedVersion: '0.1.0',
    commit: '4be01ac9d27f1e5530cfa6b4d6f0a8be17c2935e',
    nodeVersion: 'v20.20.2',
    startedAt: '2026-03-14T09:26:53.589Z',
    wallSeconds: 143.2,
    seed: 'quickstart',
    replications,
    baseline,
    oracle,
    facts: [
      { label: 'Workload', value: 'download of 64 MB in 64 chunks of 1 MB' },
      { label: 'Peers', value: '200, arriving over 60 s, on cable, fibre, DSL and mobile access' },
      { label: 'Churn', value: 'Weibull sessions, median 20 min' },
      { label: 'Faults', value: '2 % crash, 1 % send corrupt chunks, 5 % free-ride' },
    ],
    configHash: '9f2c0be0f1a7a52a6a5f2e0db5b0a1a35a7d9a3f1b0f9a4c1d2e3f405162738a',
    outcomesHash: '0a4f6f1d0e9b8c7a6f5e4d3c2b1a09f8e7d6c5b4a392817060f1e2d3c4b5a697',
    replayCommand:
      'npx seedbed run experiments/configs/quickstart.yaml --seed quickstart --out runs/quickstart',
    config: {
      name: 'quickstart',
      seed: 'quickstart',
      replications,
      policies: Object.keys(policies),
      swarm: { peers: 200, content: { bytes: 64_000_000, chunkBytes: 1_000_000 } },
      faults: { crashShare: 0.02, corruptShare: 0.01, freeRiderShare: 0.05 },
    },
    runFolder: 'runs/quickstart',
    workload: 'download',
    metrics: [...metrics],
    distributions: [...distributions],
    quantileLevels: [...QUANTILE_LEVELS],
    cells: summarise({ metrics, distributions, runs, cells, baseline, oracleLabel: oracle }),
    published: options.published ?? [],
    outcomeRows: 948_211,
    invariants: {
      runs: runs.length,
      checks: [
        'bytes sent equal bytes received plus bytes lost',
        'no link carries more than its capacity',
        'no chunk is accepted with a wrong digest',
        'no run beats the minimum distribution time',
      ],
      violations: [],
    },
    model: model ? MODEL : null,
  }
}
