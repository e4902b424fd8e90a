import { createRanker } from '../../model/policies.ts'
import { SIM_DEFAULTS, type SimConfig } from '../../sim/config.ts'
import { World } from '../../sim/world.ts'

/** SimGrid's 10 pieces of 2.5 MiB, each asked for in 3 requests: what one request fetches is a chunk here. */
const REQUESTS = 30
const CONTENT_BYTES = 10 * 2.5 * 2 ** 20
const NEIGHBOURS = 98
const UP_BPS = 1.25e6
const DOWN_BPS = 5e6
const LINK_LATENCY_MS = 20

/** What one simulator needed for the workload. */
export interface StarSwarmFigures {
  readonly wallSeconds: number
  readonly peakRssBytes: number
  /** Control messages and chunk transfers. */
  readonly messages: number
  readonly chunkTransfers: number
  /** Simulated time at which the last peer had everything. */
  readonly lastFinishSeconds: number
}

export interface StarSwarmResult extends StarSwarmFigures {
  readonly peers: number
  readonly cpuSeconds: number
  /** SimGrid's figures for the same number of peers, measured on another machine; null where there are none. */
  readonly reference: (StarSwarmFigures & { readonly source: string }) | null
}

const SOURCE =
  'SimGrid 4.1 (-O3), its s4u BitTorrent example made event-driven; star of 1.25 MB/s up and 5 MB/s down, no cross-traffic, ' +
  '0-byte control messages; one core of a 2-core machine'

const REFERENCES: Readonly<Record<number, StarSwarmFigures>> = {
  1000: {
    wallSeconds: 38.8,
    peakRssBytes: 145e6,
    messages: 1.67e6,
    chunkTransfers: 31_700,
    lastFinishSeconds: 534,
  },
  5000: {
    wallSeconds: 413,
    peakRssBytes: 733e6,
    messages: 8.99e6,
    chunkTransfers: 158_000,
    lastFinishSeconds: 644,
  },
}

/**
 * The workload of SimGrid's BitTorrent example on a star: one seed, everybody comes at 0. Run it in a process of its own: the
 * peak memory is the process's.
 */
export function runStarSwarm(peers: number): StarSwarmResult {
  const startedMs = performance.now()
  const startCpu = process.cpuUsage()
  const world = new World(starConfig(peers), {
    createRanker: (_place, _label, random) => createRanker({ name: 'random' }, { random }),
    recorder: { wants: () => false, record: () => {} },
  })
  const { results, controlMessages, measures } = world.run()
  const { user, system } = process.cpuUsage(startCpu)
  const reference = REFERENCES[peers]
  return {
    peers,
    wallSeconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    messages: controlMessages + results.ok,
    chunkTransfers: results.ok,
    lastFinishSeconds: Math.max(...measures.samples.completion_ms) / 1000,
    reference: reference ? { ...reference, source: SOURCE } : null,
  }
}

function starConfig(peers: number): SimConfig {
  const { accessClasses, network, swarm, peer, tracker, churn } = SIM_DEFAULTS
  const line = { ...accessClasses[0], downBps: DOWN_BPS, lastMileMs: LINK_LATENCY_MS }
  return {
    ...SIM_DEFAULTS,
    workload: {
      kind: 'download',
      contents: 1,
      contentBytes: CONTENT_BYTES,
      chunkBytes: Math.ceil(CONTENT_BYTES / REQUESTS),
    },
    swarm: { ...swarm, peers, initialSeeds: 1, initialSeedClass: 'source', origin: null },
    accessClasses: [
      { ...line, name: 'host', upBps: UP_BPS, weight: 1 },
      { ...line, name: 'source', upBps: 10 * UP_BPS, weight: 0 },
    ],
    churn: { ...churn, arrivals: { kind: 'flash', windowS: 0 } },
    network: {
      ...network,
      rtt: { kind: 'constant', ms: 0 },
      lastMileSpread: 0,
      jitterShare: 0,
      slowStart: false,
      uplinkQueue: { kind: 'none' },
    },
    // SimGrid’s example: one tracker answer of 50 peers, links both ways; at most 4 unchoked of whom about one is served at a time.
    peer: {
      ...peer,
      targetNeighbours: NEIGHBOURS,
      maxNeighbours: 2 * NEIGHBOURS,
      wantedCandidates: 50,
      uploadSlots: 1,
      maxUnchoked: 4,
      chokeRoundMs: 30_000,
      reportMs: 0,
    },
    tracker: { ...tracker, maxCandidates: 50, announceMs: 600_000, expiryMs: 1_800_000 },
  }
}
