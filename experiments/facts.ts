import { faultsText } from './fault-facts.ts'
import type { Config } from './config/schema.ts'
import { resolveWorkload } from './config/workload.ts'
import { percent, rateText } from './facts-text.ts'
import { workloadFacts } from './workload-facts.ts'

/** What was run, in words. */
export function factsOf(config: Config): { label: string; value: string }[] {
  const facts: [string, string | false][] = [
    ['Peers', peersText(config)],
    ...workloadFacts(resolveWorkload(config.workload)),
    ['Origin', originText(config)],
    ['Access', config.accessClasses.map(({ name, weight }) => `${name} ${weight}`).join(', ')],
    ['Bandwidth caps', swarmCapsText(config)],
    ['Arrivals', arrivalsText(config)],
    ['Sessions', sessionsText(config)],
    ['Trackers', config.swarm.trackers > 1 && String(config.swarm.trackers)],
    ['Faults', faultsText(config.faults)],
    ['Packet loss', config.network.lossRate > 0 && percent(config.network.lossRate)],
    [
      'Varied',
      Object.entries(config.matrix)
        .map(([path, values]) => `${path}: ${values.map((value) => JSON.stringify(value)).join(', ')}`)
        .join('; '),
    ],
    ['Model', trainText(config)],
  ]
  return facts.flatMap(([label, value]) => (value === false || value === '' ? [] : [{ label, value }]))
}

function peersText({ swarm }: Config): string {
  const seeds = swarm.initialSeeds === 1 ? '1 initial seed' : `${swarm.initialSeeds} initial seeds`
  return `${swarm.peers}, with ${seeds}${swarm.initialSeedClass === null ? '' : ` (${swarm.initialSeedClass})`}`
}

function originText({ swarm: { origin } }: Config): string {
  return origin === null ? 'none' : `${rateText(origin.upBps)} up, in ${origin.region}`
}

function swarmCapsText({ swarm: { caps } }: Config): string {
  return caps
    .map(({ share, upBps, downBps }) => {
      const rates = [
        upBps !== null && `${rateText(upBps)} up`,
        downBps !== null && `${rateText(downBps)} down`,
      ]
      return `${percent(share)} of peers: ${rates.filter(Boolean).join(', ')}`
    })
    .join('; ')
}

function arrivalsText({ arrivals }: Config): string {
  return arrivals.kind === 'flash'
    ? `flash crowd, all within ${arrivals.windowS} s`
    : `one every ${arrivals.meanGapS} s on average (Poisson)`
}

function sessionsText({ sessions }: Config): string {
  const length =
    sessions.kind === 'unlimited'
      ? 'unlimited'
      : `Weibull, shape ${sessions.shape}, scale ${sessions.scaleS} s`
  const linger = sessions.lingerS === null ? 'to the end' : `${sessions.lingerS} s on average`
  return `${length}; peers that are done stay ${linger}`
}

function trainText({ train }: Config): string | false {
  if (train === null) return false
  const { policies, replications } = train.collect
  return `${train.name}, trained on ${replications} simulations each of ${policies.map(({ label }) => label).join(', ')}`
}
