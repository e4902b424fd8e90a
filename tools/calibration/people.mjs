// How long peers stay, and who can connect to whom.
import { SeededRandom } from '../../dist/peer/ports/seeded-random.js'
import { MEASURED_SESSIONS, drawLifetimes } from '../../dist/sim/churn.js'
import { SIM_DEFAULTS } from '../../dist/sim/config.js'
import { hash32 } from '../../dist/sim/hash.js'
import { NAT_DEFAULTS, NAT_TYPES, connectChance } from '../../dist/sim/nat.js'
import { planPeers } from '../../dist/sim/population.js'
import { REACHABILITY_DEFAULTS, Reachability } from '../../dist/sim/reachability.js'
import { SimHost } from '../../dist/sim/sim-host.js'
import { quantileOf, sorted } from './distances.mjs'
import { number, percent, table } from './text.mjs'

const DRAWS = 20_000
const HOSTS = 1000

export function calibrateSessions() {
  const drawn = MEASURED_SESSIONS.map((sessions) => {
    const churn = { ...SIM_DEFAULTS.churn, sessions }
    const lifetimes = drawLifetimes(churn, DRAWS, new SeededRandom('calibration'))
    return { sessions, minutes: sorted(lifetimes.map(({ sessionMs }) => sessionMs / 60_000)) }
  })
  const inverse = ({ shape, scaleS }, share) => (scaleS / 60) * (-Math.log(1 - share)) ** (1 / shape)
  const rows = drawn.map(({ sessions, minutes }) => [
    `shape ${sessions.shape}, scale ${number(sessions.scaleS / 60)} min`,
    [0.25, 0.5, 0.9].map((share) => number(inverse(sessions, share))).join(' / '),
    [0.25, 0.5, 0.9].map((share) => number(quantileOf(minutes, share))).join(' / '),
    distanceToWeibull(minutes, sessions).toFixed(4),
  ])
  return {
    fragments: {
      sessions: table(
        [
          'Weibull fit',
          'p25 / p50 / p90 of the fit, min',
          'of 20,000 simulated sessions',
          'Kolmogorov–Smirnov',
        ],
        rows,
      ),
    },
    plots: {
      sessions: {
        kind: 'cdf',
        title: 'Session lengths: simulated (lines) and fits of Stutzbach and Rejaie (dots)',
        x: 'minutes',
        type: 'log',
        domain: [0.1, 3000],
        lines: drawn.map(({ sessions, minutes }) => [nameOf(sessions), minutes]),
        dots: drawn.flatMap(({ sessions }) =>
          [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95].map((share) => ({
            name: nameOf(sessions),
            value: inverse(sessions, share),
            share,
          })),
        ),
      },
    },
  }
}

const nameOf = ({ shape }) => `shape ${shape}`

function distanceToWeibull(minutes, { shape, scaleS }) {
  let distance = 0
  minutes.forEach((value, i) => {
    const share = 1 - Math.exp(-((value / (scaleS / 60)) ** shape))
    distance = Math.max(distance, Math.abs(share - i / DRAWS), Math.abs(share - (i + 1) / DRAWS))
  })
  return distance
}

export function calibrateReachability() {
  const settings = { ...REACHABILITY_DEFAULTS, nat: NAT_DEFAULTS }
  const network = { ...SIM_DEFAULTS.network, reachability: settings }
  const config = { ...SIM_DEFAULTS, network, swarm: { ...SIM_DEFAULTS.swarm, peers: HOSTS } }
  const hosts = planPeers(config, new SeededRandom('calibration')).map(
    ({ host }) => new SimHost(host, 0, 1, hash32(host.address)),
  )
  const measure = (reachability, wanted = () => true) => {
    let [dials, up] = [0, 0]
    for (const dialler of hosts)
      for (const acceptor of hosts) {
        if (dialler === acceptor || !wanted(dialler, acceptor)) continue
        dials++
        if (reachability.route(dialler, acceptor) === 'direct') up++
      }
    return up / dials
  }
  const expected = NAT_TYPES.reduce(
    (sum, dialler) =>
      sum +
      NAT_TYPES.reduce(
        (inner, acceptor) =>
          inner +
          NAT_DEFAULTS.shares[dialler] *
            NAT_DEFAULTS.shares[acceptor] *
            connectChance(dialler, acceptor, NAT_DEFAULTS),
        0,
      ),
    0,
  )
  const punching = (a, b) => a.nat === 'port-restricted' && b.nat === 'port-restricted'
  const overall = new Reachability({ ...REACHABILITY_DEFAULTS, connectSuccess: 0.35 })
  return {
    fragments: {
      reachability: table(
        ['attempts that succeed', 'source', 'simulated, 1,000 hosts'],
        [
          [
            'hole punching between punchable peers',
            'over 80 % (Halkes and Pouwelse 2010)',
            percent(measure(new Reachability(settings), punching)),
          ],
          [
            'any two peers, default NAT types',
            `${percent(expected)} (from the chances of the pairs of types)`,
            percent(measure(new Reachability(settings))),
          ],
          [
            'any two peers, `connectSuccess: 0.35`',
            '35 % (Kreitz and Niemelä 2010)',
            percent(measure(overall)),
          ],
        ],
      ),
    },
    plots: {},
  }
}
