// Access rates, and how mobile ones change over time.
import { SeededRandom } from '../../dist/peer/ports/seeded-random.js'
import { summarizeTrace } from '../../dist/sim/capacity-trace.js'
import { SIM_DEFAULTS } from '../../dist/sim/config.js'
import { NetworkFabric } from '../../dist/sim/fabric.js'
import { FlowNetwork } from '../../dist/sim/flow-network.js'
import { Kernel } from '../../dist/sim/kernel.js'
import { pathRtt } from '../../dist/sim/path-rtt.js'
import { planPeers } from '../../dist/sim/population.js'
import { deviationOf, kolmogorovSmirnov, meanOf, quantileOf, sorted } from './distances.mjs'
import { number, table } from './text.mjs'

const MBIT = 125_000
const SHARES = [0.05, 0.5, 0.95]
/** Means of countries, April 2020, p5 / p50 / p95 over countries (Speedtest, as parsed by the Shadow authors), Mbit/s. */
const COUNTRIES = { down: [11.5, 36.2, 138], up: [8.6, 19.9, 115] }
const PEERS = 20_000
const FOLLOWERS = 150
const FOLLOWED_S = 1500

/** @param {{ traces: Record<string, import('../../dist/sim/capacity-trace.js').CapacityTrace[]> }} data */
export function calibrateAccess({ traces }) {
  const config = { ...SIM_DEFAULTS, swarm: { ...SIM_DEFAULTS.swarm, peers: PEERS } }
  const hosts = planPeers(config, new SeededRandom('calibration')).map(({ host }) => host)
  const rates = {
    down: sorted(hosts.map(({ downBps }) => downBps / MBIT)),
    up: sorted(hosts.map(({ upBps }) => upBps / MBIT)),
  }
  const quantiles = (values) => SHARES.map((share) => number(quantileOf(values, share))).join(' / ')
  const mobile = ['3G (Riiser 2013)', 'LTE (van der Hooft 2016)'].map((name) => [name, traces[name]])
  return {
    fragments: {
      rates: table(
        ['Mbit/s', 'down, p5 / p50 / p95', 'up, p5 / p50 / p95'],
        [
          [
            'country means (Speedtest, April 2020)',
            COUNTRIES.down.map(number).join(' / '),
            COUNTRIES.up.map(number).join(' / '),
          ],
          [`${PEERS.toLocaleString('en')} simulated peers`, quantiles(rates.down), quantiles(rates.up)],
        ],
      ),
      traces: table(
        [
          'traces',
          'files',
          'hours',
          'mean, Mbit/s',
          'coefficient of variation over time, median',
          'host against file, Kolmogorov–Smirnov',
        ],
        Object.entries(traces).map(([name, of]) => traceRow(name, of)),
      ),
    },
    plots: {
      rates: {
        kind: 'cdf',
        title: 'Access rates of simulated peers (lines) and of countries (dots)',
        x: 'Mbit/s',
        type: 'log',
        domain: [0.3, 200],
        lines: Object.entries(rates).map(([name, values]) => [name, values]),
        dots: Object.entries(COUNTRIES).flatMap(([name, values]) =>
          values.map((value, i) => ({ name, value, share: SHARES[i] })),
        ),
      },
      ...Object.fromEntries(
        mobile.map(([name, of], i) => [
          ['trace-3g', 'trace-lte'][i],
          {
            kind: 'cdf',
            title: `Capacity over time, ${name}`,
            x: 'Mbit/s',
            domain: [0, [4, 90][i]],
            lines: [
              ['measured', overTime(of)],
              ['hosts that follow the traces', followed(of)],
              ['a class without traces', [meanRate(of)]],
            ],
          },
        ]),
      ),
    },
  }
}

function traceRow(name, traces) {
  const summaries = traces.map(summarizeTrace)
  const hours = summaries.reduce((sum, { durationMs }) => sum + durationMs, 0) / 3.6e6
  const variation = sorted(traces.map(variationOf))
  return [
    name,
    traces.length,
    number(hours),
    number(meanRate(traces)),
    quantileOf(variation, 0.5).toFixed(2),
    kolmogorovSmirnov(followed(traces), overTime(traces)).toFixed(3),
  ]
}

/** Mean over the time of all traces, Mbit/s. */
function meanRate(traces) {
  const summaries = traces.map(summarizeTrace)
  const totalMs = summaries.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return summaries.reduce((sum, { durationMs, meanBps }) => sum + durationMs * meanBps, 0) / totalMs / MBIT
}

function variationOf(trace) {
  const seen = overTime([trace])
  return deviationOf(seen) / meanOf(seen)
}

/** Capacities at evenly spread moments of each trace, as many in each, Mbit/s. */
function overTime(traces) {
  const moments = 500
  return sorted(
    traces.flatMap((trace) => {
      const { durationMs } = summarizeTrace(trace)
      let [entry, endMs] = [0, trace.durationsMs[0]]
      return Array.from({ length: moments }, (_, i) => {
        const atMs = ((i + 0.5) / moments) * durationMs
        while (atMs > endMs && entry < trace.bps.length - 1) endMs += trace.durationsMs[++entry]
        return trace.bps[entry] / MBIT
      })
    }),
  )
}

/** Down capacities of simulated hosts that follow the traces, looked at every few seconds, Mbit/s. */
function followed(traces) {
  const random = new SeededRandom('calibration')
  const kernel = new Kernel()
  const flows = new FlowNetwork(kernel)
  const fabric = new NetworkFabric(kernel, flows, {
    settings: SIM_DEFAULTS.network,
    random,
    seed: 'calibration',
    pathRttMs: pathRtt(SIM_DEFAULTS.network),
    audit: { violate: () => {} },
    checksMessages: false,
  })
  const accessClasses = [
    { ...SIM_DEFAULTS.accessClasses[0], traces: { traces, links: 'down', rates: 'trace' } },
  ]
  const config = { ...SIM_DEFAULTS, accessClasses, swarm: { ...SIM_DEFAULTS.swarm, peers: FOLLOWERS } }
  const hosts = planPeers(config, random).map(({ host }) => fabric.addNode(host).host)
  const seen = []
  for (let atS = 0; atS < FOLLOWED_S; atS += 15) {
    kernel.run(1000 * atS)
    for (const { downLink } of hosts) seen.push(flows.capacity(downLink) / MBIT)
  }
  return sorted(seen)
}
