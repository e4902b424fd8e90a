import { PEERS } from './announces.ts'
import { announceAll, type LoadFigures, loadHttp } from './http-load.ts'
import { benchClusters, type TrackerClusterResult } from './tracker-cluster.ts'
import { TRACKER_KINDS, type TrackerKind, TrackerProcess } from './tracker-process.ts'
import { loadUdp } from './udp-load.ts'
import { loadWs, type WsFigures } from './ws-load.ts'

/** One tracker under one load: medians over the rounds. */
export interface TrackerLoadResult {
  readonly protocol: 'http' | 'udp'
  readonly server: TrackerKind
  /** Connections, or datagrams under way. */
  readonly concurrency: number
  readonly rounds: number
  readonly requestsPerSecond: number
  readonly p99Ms: number
  /** CPU time of the tracker's process, all its threads, for one announce. */
  readonly cpuMicros: number
  /** Announces that failed, all rounds together. */
  readonly failed: number
}

export interface TrackerMemoryResult {
  readonly server: TrackerKind
  readonly peers: number
  readonly idleBytes: number
  /** Resident above idle when all peers have announced, and after garbage was collected. */
  readonly addedBytes: number
  readonly collectedBytes: number
}

export interface TrackerWsResult extends WsFigures {
  readonly addedBytes: number
}

/** 100,000 peers in 1,000 swarms, announced to Seedbed's tracker with model ranking and to bittorrent-tracker. */
export interface TrackerBenchResult {
  load: TrackerLoadResult[]
  memory: TrackerMemoryResult[]
  websocket: TrackerWsResult | null
  /** One process and several. */
  cluster: TrackerClusterResult[]
}

export const TRACKER_MEASURES = ['http', 'udp', 'memory', 'websocket', 'cluster'] as const
export type TrackerMeasure = (typeof TRACKER_MEASURES)[number]

const WS_CLIENTS = 10_000
const ROUNDS = 5
const ROUND_S = 4
const WARM_UP_S = 2
const CONCURRENCIES = [50, 200]
const LOADS = { http: loadHttp, udp: loadUdp }

export async function benchTracker(measure: TrackerMeasure): Promise<TrackerBenchResult> {
  const result: TrackerBenchResult = { load: [], memory: [], websocket: null, cluster: [] }
  if (measure === 'memory') for (const kind of TRACKER_KINDS) result.memory.push(await measureMemory(kind))
  else if (measure === 'websocket') result.websocket = await measureWs()
  else if (measure === 'cluster') result.cluster = await benchClusters()
  else result.load = await compareLoads(measure)
  return result
}

interface Round extends LoadFigures {
  readonly cpuMicros: number
}

/** Both trackers in turn, so that what else the machine does meets both. */
async function compareLoads(protocol: 'http' | 'udp'): Promise<TrackerLoadResult[]> {
  const trackers = await Promise.all(TRACKER_KINDS.map((kind) => TrackerProcess.start(kind)))
  try {
    for (const tracker of trackers) {
      await announceAll(tracker.port, false)
      await runLoad(tracker, protocol, CONCURRENCIES[0], WARM_UP_S)
    }
    const results: TrackerLoadResult[] = []
    for (const concurrency of CONCURRENCIES) {
      const rounds = trackers.map((): Round[] => [])
      for (let round = 0; round < ROUNDS; round++)
        for (const [i, tracker] of trackers.entries())
          rounds[i].push(await runLoad(tracker, protocol, concurrency, ROUND_S))
      for (const [i, { kind }] of trackers.entries())
        results.push({ protocol, server: kind, concurrency, ...summary(rounds[i]) })
    }
    return results
  } finally {
    for (const tracker of trackers) await tracker.stop()
  }
}

async function runLoad(
  tracker: TrackerProcess,
  protocol: 'http' | 'udp',
  concurrency: number,
  seconds: number,
): Promise<Round> {
  const before = await tracker.usage()
  const port = protocol === 'http' ? tracker.port : tracker.udpPort
  const figures = await LOADS[protocol](port, concurrency, seconds)
  const after = await tracker.usage()
  return { ...figures, cpuMicros: (after.cpuMicros - before.cpuMicros) / figures.requests }
}

function summary(rounds: readonly Round[]) {
  const median = (value: (round: Round) => number): number =>
    rounds.map(value).sort((a, b) => a - b)[rounds.length >> 1]
  return {
    rounds: rounds.length,
    requestsPerSecond: median(({ requests, seconds }) => requests / seconds),
    p99Ms: median(({ p99Ms }) => p99Ms),
    cpuMicros: median(({ cpuMicros }) => cpuMicros),
    failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
  }
}

async function measureMemory(kind: TrackerKind): Promise<TrackerMemoryResult> {
  const tracker = await TrackerProcess.start(kind, 'proxied')
  try {
    const { residentBytes: idleBytes } = await tracker.usage('collect')
    await announceAll(tracker.port, true)
    const { residentBytes } = await tracker.usage()
    const collected = await tracker.usage('collect')
    return {
      ...{ server: kind, peers: PEERS, idleBytes, addedBytes: residentBytes - idleBytes },
      collectedBytes: collected.residentBytes - idleBytes,
    }
  } finally {
    await tracker.stop()
  }
}

async function measureWs(): Promise<TrackerWsResult> {
  const tracker = await TrackerProcess.start('seedbed')
  try {
    const { residentBytes: idleBytes } = await tracker.usage('collect')
    const figures = await loadWs(tracker.port, WS_CLIENTS)
    return { ...figures, addedBytes: (await tracker.usage()).residentBytes - idleBytes }
  } finally {
    await tracker.stop()
  }
}
