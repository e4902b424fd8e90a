import { chunkCountOf } from '../peer/protocol/manifest.ts'
import type { Config } from './config/schema.ts'

/** What was run, in words. */
export function factsOf(config: Config): { label: string; value: string }[] {
  const facts: [string, string | false][] = [
    ['Peers', peersText(config)],
    ['Content', contentText(config)],
    ['Origin', originText(config)],
    ['Access', config.accessClasses.map(({ name, weight }) => `${name} ${weight}`).join(', ')],
    ['Arrivals', arrivalsText(config)],
    ['Sessions', sessionsText(config)],
    [
      'Faults',
      config.faults.map((fault) => `${percent(fault.share)} of ${fault.target}: ${fault.kind}`).join('; '),
    ],
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

function contentText({ workload: { contents, contentBytes, chunkBytes } }: Config): string {
  const each = `${sizeText(contentBytes)} in ${chunkCountOf(contentBytes, chunkBytes)} chunks of ${sizeText(chunkBytes)}`
  return contents === 1 ? each : `${contents} of ${each}`
}

function originText({ swarm: { origin } }: Config): string {
  return origin === null ? 'none' : `${rateText(origin.upBps)} up, in ${origin.region}`
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

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`

function sizeText(bytes: number): string {
  const [unit, factor] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3]
  return `${Number((bytes / Number(factor)).toPrecision(4))} ${unit}`
}

const rateText = (bps: number): string => `${Number(((bps * 8) / 1e6).toPrecision(4))} Mbit/s`
