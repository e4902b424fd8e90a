// The generator of round-trip times against measured matrices.
import { SeededRandom } from '../../dist/peer/ports/seeded-random.js'
import { SIM_DEFAULTS } from '../../dist/sim/config.js'
import { NetworkFabric } from '../../dist/sim/fabric.js'
import { FlowNetwork } from '../../dist/sim/flow-network.js'
import { Kernel } from '../../dist/sim/kernel.js'
import { pathRtt } from '../../dist/sim/path-rtt.js'
import { planPeers } from '../../dist/sim/population.js'
import {
  deviationOf,
  kolmogorovSmirnov,
  meanOf,
  nodeParts,
  pairsOf,
  quantileOf,
  sorted,
  triangleViolationShare,
  wasserstein,
} from './distances.mjs'
import { number, percent, table } from './text.mjs'

const HOSTS = 400
/** Where PlanetLab's sites mostly were; an assumption. */
const PLANETLAB_REGIONS = {
  'na-east': 0.3,
  'na-west': 0.2,
  'eu-west': 0.28,
  'eu-east': 0.08,
  'east-asia': 0.1,
  latam: 0.02,
  oceania: 0.02,
}

/** Round-trip times between simulated hosts, as a matrix. */
function generate({ regions = SIM_DEFAULTS.regions, lastMiles = true, lastMileSpread }) {
  const network = {
    ...SIM_DEFAULTS.network,
    lastMileSpread: lastMileSpread ?? SIM_DEFAULTS.network.lastMileSpread,
  }
  const random = new SeededRandom('calibration')
  const kernel = new Kernel()
  const fabric = new NetworkFabric(kernel, new FlowNetwork(kernel), {
    settings: network,
    random,
    seed: 'calibration',
    pathRttMs: pathRtt(network),
    audit: { violate: () => {} },
    checksMessages: false,
  })
  const config = { ...SIM_DEFAULTS, regions, network, swarm: { ...SIM_DEFAULTS.swarm, peers: HOSTS } }
  const hosts = planPeers(config, random).map(
    ({ host }) => fabric.addNode(lastMiles ? host : { ...host, lastMileMs: 0 }).host,
  )
  return hosts.map((from) => hosts.map((to) => (from === to ? 0 : 2 * fabric.oneWayMs(from, to))))
}

/** @param {{ planetlab: number[][], seattle: number[][][], seattleMedian: number[][] }} data */
export function calibrateLatency({ planetlab, seattle, seattleMedian }) {
  const measured = { PlanetLab: planetlab, Seattle: seattleMedian }
  const spread = SIM_DEFAULTS.network.lastMileSpread
  const models = [
    ['PlanetLab', 'no last mile', generate({ lastMiles: false })],
    [
      'PlanetLab',
      'no last mile, PlanetLab’s regions',
      generate({ lastMiles: false, regions: PLANETLAB_REGIONS }),
    ],
    ['Seattle', 'no last mile', generate({ lastMiles: false })],
    ['Seattle', 'last miles all alike (before)', generate({ lastMileSpread: 0 })],
    ['Seattle', `last miles spread by ${spread} (now)`, generate({})],
  ]
  const look = (matrix) => {
    const pairs = pairsOf(matrix)
    return {
      quantiles: [0.05, 0.5, 0.95].map((share) => number(quantileOf(pairs, share))).join(' / '),
      violations: percent(triangleViolationShare(matrix)),
      pairs,
    }
  }
  const rows = Object.entries(measured).flatMap(([name, matrix]) => {
    const data = look(matrix)
    return [
      [`**${name}**, measured`, data.quantiles, '', '', data.violations],
      ...models
        .filter(([against]) => against === name)
        .map(([, model, generated]) => {
          const { quantiles, violations, pairs } = look(generated)
          return [
            `generator, ${model}`,
            quantiles,
            kolmogorovSmirnov(pairs, data.pairs).toFixed(3),
            number(wasserstein(pairs, data.pairs)),
            violations,
          ]
        }),
    ]
  })
  const parts = nodeParts(seattleMedian)
  return {
    fragments: {
      latency: table(
        [
          'round-trip times',
          'p5 / p50 / p95, ms',
          'Kolmogorov–Smirnov',
          'Wasserstein, ms',
          'triangle violations',
        ],
        rows,
      ),
      'last-mile': table(
        ['what a device adds to its round-trip times (Seattle)', ''],
        [
          [
            'p5 / p50 / p95, ms',
            [0.05, 0.5, 0.95].map((share) => number(quantileOf(sorted(parts), share))).join(' / '),
          ],
          ['standard deviation of its logarithm', deviationOf(parts.map(Math.log)).toFixed(2)],
          [
            'variation of one pair over time (median coefficient)',
            quantileOf(variations(seattle), 0.5).toFixed(2),
          ],
        ],
      ),
    },
    plots: {
      'latency-planetlab': cdf('PlanetLab', [
        ['measured', look(planetlab).pairs],
        ['generator, no last mile', look(models[0][2]).pairs],
        ['generator, no last mile, PlanetLab’s regions', look(models[1][2]).pairs],
      ]),
      'latency-seattle': cdf('Seattle (personal devices)', [
        ['measured', look(seattleMedian).pairs],
        ['generator, last miles all alike (before)', look(models[3][2]).pairs],
        ['generator (now)', look(models[4][2]).pairs],
      ]),
    },
  }
}

/** Coefficient of variation over time of each pair. */
function variations(slices) {
  const size = slices[0].length
  const ofPairs = []
  for (let from = 0; from < size; from++)
    for (let to = from + 1; to < size; to++) {
      const seen = slices.flatMap((slice) => [slice[from][to], slice[to][from]]).filter((ms) => ms > 0)
      if (seen.length > 1) ofPairs.push(deviationOf(seen) / meanOf(seen))
    }
  return sorted(ofPairs)
}

const cdf = (title, lines) => ({ kind: 'cdf', title, x: 'round-trip time, ms', domain: [0, 700], lines })
