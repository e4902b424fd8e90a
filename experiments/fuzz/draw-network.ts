import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** How the network behaves. */
export function drawNetwork(dice: Dice): Section {
  return {
    ...dice.maybe(0.4, () => ({ rtt: drawRtt(dice) })),
    ...dice.maybe(0.5, () => ({ jitterShare: dice.pick([0, 0.05, 1, 5]) })),
    ...dice.maybe(0.4, () => ({ lossRate: dice.pick([0.001, 0.02, 0.2, 0.45]) })),
    ...dice.maybe(0.3, () => ({ slowStart: false })),
    ...dice.maybe(0.2, () => ({ maxWindowBytes: dice.scale(1460, 1_000_000) })),
    ...dice.maybe(0.2, () => ({ connectTimeoutMs: dice.scale(10, 30_000) })),
    ...dice.maybe(0.2, () => ({ lostDetectionMs: dice.scale(1, 60_000) })),
    ...dice.maybe(0.2, () => ({
      transitBps: { 'eu-west': dice.scale(5000, 500_000), latam: dice.scale(5000, 500_000) },
    })),
    ...dice.maybe(0.3, () => drawProviders(dice)),
    ...dice.maybe(0.4, () => ({ reachability: drawReachability(dice) })),
    ...dice.maybe(0.3, () => ({ lastMileSpread: dice.pick([0, 0.7, 2]) })),
    ...dice.maybe(0.3, () => ({
      uplinkQueue: dice.pick([{ kind: 'none' }, { kind: 'fifo', bufferMs: dice.whole(0, 3000) }]),
    })),
  }
}

const drawRtt = (dice: Dice): Section =>
  dice.pick([
    { kind: 'constant', ms: dice.pick([0, 1, 100, 2000]) },
    {
      kind: 'matrix',
      file: 'latency.txt',
      nodes: dice.pick(['random', 'index']),
      addsLastMile: dice.chance(0.5),
    },
  ])

/** Providers, with bottlenecks where regions have none. */
function drawProviders(dice: Dice): Section {
  return {
    isps: [
      { name: 'narrow', share: dice.share(0.5), capacityBps: dice.scale(5000, 500_000) },
      { name: 'near', share: dice.share(0.5), insideRttShare: dice.share() },
    ],
    transitBps: {},
  }
}

function drawReachability(dice: Dice): Section {
  return {
    ...dice.maybe(0.5, () => ({ connectSuccess: dice.share() })),
    ...dice.maybe(0.5, () => ({ nat: { punchSuccess: dice.share(), dialsBack: dice.chance(0.5) } })),
    ...dice.maybe(0.5, () => ({ relay: { capacityBps: dice.scale(5000, 500_000) } })),
    draw: dice.pick(['pair', 'attempt']),
  }
}
