import { describe, expect, it } from 'vitest'
import type { SwarmConfig } from '../config.ts'
import { SIM_DEFAULTS } from '../config.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { drawFaults, type Fault } from '../faults.ts'
import { NETWORK_DEFAULTS } from '../network-settings.ts'
import { type Run, runWorld, smallConfig } from '../world.testing.ts'
import { ROOMS_WORKLOAD_DEFAULTS, type RoomsConfig } from './config.ts'

type Changes = Parameters<typeof smallConfig>[0]

/** Two rooms of four for three minutes, with all checks on. */
function runRooms(
  rooms: Partial<RoomsConfig> = {},
  swarm: Partial<SwarmConfig> = {},
  more: Changes = {},
): Run {
  return runWorld(
    smallConfig({
      workload: {
        ...ROOMS_WORKLOAD_DEFAULTS,
        membersPerRoom: 4,
        contents: 6,
        tracksPerRoom: 4,
        leastTrackS: 50,
        mostTrackS: 70,
        listenS: 180,
        ...rooms,
      },
      swarm: { ...SIM_DEFAULTS.swarm, peers: 8, initialSeeds: 0, ...swarm },
      accessClasses: SIM_DEFAULTS.accessClasses.filter(({ name }) => name === 'typical'),
      churn: { ...SIM_DEFAULTS.churn, arrivals: { kind: 'flash', windowS: 20 } },
      ...more,
    }),
  )
}

const metricsOf = ({ result }: Run): Readonly<Record<string, number>> => result.measures.metrics
const CALM = { pauseEveryS: null, pauseForS: 1, seekEveryS: null, skipEveryS: null }
const NO_LOSS = { everyS: null, forS: 0 }

describe('the rooms workload', () => {
  it('has everybody in step where nothing happens, on one track after the other', () => {
    const run = runRooms({ controls: CALM, losses: NO_LOSS, lateShare: 0 })
    const { in_step_share, drift_p99_ms, controls, stalls_per_h, unrecovered_share } = metricsOf(run)
    expect(in_step_share).toBeGreaterThan(0.98)
    expect(drift_p99_ms).toBeLessThan(500)
    expect({ controls, stalls_per_h, unrecovered_share }).toEqual({
      controls: 2,
      stalls_per_h: 0,
      unrecovered_share: 0,
    })
    expect(run.result.simulatedMs).toBeLessThan(201_000)
  })

  it('gets everybody back in step after pauses, seeks, skips, late arrivals and lost connections', () => {
    const run = runRooms({
      controls: { pauseEveryS: 40, pauseForS: 5, seekEveryS: 40, skipEveryS: 60 },
      losses: { everyS: 60, forS: 8 },
      lateShare: 0.5,
    })
    const { measures } = run.result
    expect(measures.metrics.controls).toBeGreaterThan(10)
    expect(measures.metrics.recover_reconnect_p95_ms).toBeLessThan(20_000)
    expect(measures.metrics.recover_control_p50_ms).toBeLessThan(1_000)
    expect(measures.metrics.in_step_share).toBeGreaterThan(0.8)
    for (const name of ['drift_ms', 'recover_ms', 'startup_ms', 'offset_error_ms'])
      expect(measures.samples[name].length).toBeGreaterThan(8)
  })

  it('goes on when members leave or vanish, and leaves no room behind', () => {
    const run = runRooms(
      { losses: { everyS: 100, forS: 5 } },
      {},
      {
        churn: {
          arrivals: { kind: 'flash', windowS: 100 },
          sessions: { kind: 'weibull', shape: 1, scaleS: 60 },
          lingerS: null,
          gracefulShare: 0.5,
        },
      },
    )
    expect(run.result.peers.filter(({ leftMs }) => !Number.isNaN(leftMs))).toHaveLength(8)
    expect(run.result.invariants.violations).toEqual([])
  })

  it('fetches from others what they have, and from the origin what nobody has yet', () => {
    const { peers, sources } = runRooms({ controls: CALM, losses: NO_LOSS }).result
    const fromPeers = peers.reduce((sum, peer) => sum + peer.fromPeerBytes, 0)
    const fromOrigin = peers.reduce((sum, peer) => sum + peer.fromOriginBytes, 0)
    expect(sources.map(({ role }) => role)).toEqual(['origin'])
    expect(fromPeers).toBeGreaterThan(0.2 * fromOrigin)
    expect(fromOrigin).toBeGreaterThan(0)
  })

  it('plays from seeds alone where there is no origin', () => {
    const run = runRooms({ controls: CALM, losses: NO_LOSS }, { origin: null, initialSeeds: 1 })
    expect(metricsOf(run).in_step_share).toBeGreaterThan(0.9)
    expect(run.result.peers.every(({ fromSeedBytes }) => fromSeedBytes > 0)).toBe(true)
  })

  it('knows the clock of the tracker to half the jitter of a round trip', () => {
    const network = { ...NETWORK_DEFAULTS, jitterShare: 0 }
    const exact = metricsOf(runRooms({}, {}, { network })).offset_error_p95_ms
    expect(exact).toBeLessThan(1)
    expect(
      metricsOf(runRooms({}, {}, { network: { ...network, jitterShare: 0.5 } })).offset_error_p95_ms,
    ).toBeGreaterThan(exact)
  })

  it('makes good by speed what wrong clocks cost', () => {
    const clocks = { offsetMs: 1000, driftPpm: 20_000 }
    const quiet = { controls: CALM, losses: NO_LOSS, clocks }
    const corrected = metricsOf(runRooms(quiet))
    const left = metricsOf(
      runRooms({ ...quiet, sync: { ...ROOMS_WORKLOAD_DEFAULTS.sync, correction: 'none' } }),
    )
    expect(corrected.rates_per_h).toBeGreaterThan(0)
    expect(left.rates_per_h).toBe(0)
    expect(corrected.in_step_share).toBeGreaterThan(left.in_step_share)
  })
})

describe('a lost tracker', () => {
  it.each(['kept', 'lost'] as const)(
    'with its memory %s does not stop the music, and is found again',
    (memory) => {
      const outage: Fault = {
        kind: 'tracker-outage',
        when: { atS: 60, forS: 30 },
        share: 1,
        memory,
        refuses: false,
      }
      const run = runRooms({ controls: CALM, losses: NO_LOSS, lateShare: 0 }, {}, { faults: [outage] })
      const { in_step_share, unrecovered_share } = metricsOf(run)
      expect(in_step_share).toBeGreaterThan(0.97)
      expect(unrecovered_share).toBe(0)
      expect(run.result.measures.metrics.recover_reconnect_p50_ms).toBeLessThan(2_000)
    },
  )
})

describe('rooms whose first tracker is away for long', () => {
  const outage: Fault = {
    kind: 'tracker-outage',
    when: { atS: 30, forS: 120 },
    share: 0.5,
    memory: 'lost',
    refuses: false,
  }
  const isStruck = (seed: number, tracker: string): boolean => {
    const random = new SeededRandom(seed).fork('faults', tracker)
    return drawFaults([outage], 'tracker', 'eu-west', random).timed.length > 0
  }
  const seed = Array.from({ length: 100 }, (_, i) => i).find(
    (i) => isStruck(i, 'tracker') && !isStruck(i, 'tracker-1'),
  )!
  const controls = { pauseEveryS: null, pauseForS: 1, seekEveryS: 10, skipEveryS: null }
  const run = (trackers: number) =>
    metricsOf(runRooms({ controls, losses: NO_LOSS, lateShare: 0 }, { trackers }, { seed, faults: [outage] }))

  it('are controlled at the second one, and stay in step', () => {
    const [alone, two] = [run(1), run(2)]
    // About twelve seeks a room fall into the outage.
    expect(two.controls).toBeGreaterThan(alone.controls + 10)
    expect(two.in_step_share).toBeGreaterThan(0.7)
    expect(two.unrecovered_share).toBeLessThan(0.1)
  })
})

describe('the outcome', () => {
  const outcome = ({ result, rowsHash }: Run) => ({
    rowsHash,
    events: result.events,
    measures: result.measures,
  })

  it('is the same every time', () => {
    expect(outcome(runRooms())).toEqual(outcome(runRooms()))
  })

  it('does not depend on how often the simulator looks, or whether it checks every message', () => {
    const { rowsHash } = runRooms()
    expect(runRooms({ sampleMs: 700 }).rowsHash).toBe(rowsHash)
    expect(runRooms({}, {}, { checks: { level: 'cheap', everyS: 1, onViolation: 'throw' } }).rowsHash).toBe(
      rowsHash,
    )
  })
})

describe('a config that cannot be simulated', () => {
  it.each([
    [{ tracksPerRoom: 7 }, /invalid workload.tracksPerRoom: 7 \(allowed a whole number from 1 to 6\)/],
    [{ membersPerRoom: 0 }, /invalid workload.membersPerRoom: 0/],
    [{ mostTrackS: 40 }, /invalid workload.mostTrackS: 40 \(allowed 50 or more/],
    [{ losses: { everyS: 0, forS: 1 } }, /invalid workload.losses.everyS: 0/],
    [{ clocks: { offsetMs: 0, driftPpm: 1e6 } }, /invalid workload.clocks.driftPpm: 1000000/],
    [{ sync: { ...ROOMS_WORKLOAD_DEFAULTS.sync, rateChange: 0 } }, /invalid workload.sync.rateChange: 0/],
  ])('is refused: %j', (rooms, message) => {
    expect(() => runRooms(rooms)).toThrow(message)
  })

  it('is refused where nobody has the tracks', () => {
    expect(() => runRooms({}, { origin: null })).toThrow(/invalid swarm.initialSeeds: 0/)
  })
})
