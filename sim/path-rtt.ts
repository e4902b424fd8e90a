import { mix32 } from './hash.ts'
import type { LatencyMatrix } from './latency-matrix.ts'
import type { NetworkSettings } from './network-settings.ts'
import { rttQuantileMs } from './regions.ts'
import type { SimHost } from './sim-host.ts'

type PathRtt = (a: SimHost, b: SimHost) => number

/**
 * Round-trip times between hosts, last miles not counted. Each pair has its own quantile of its regions' distribution,
 * hashed from both hosts' keys: the same whoever asks and whenever, and no pair has to be stored. Within a provider the
 * time is the share of it that the provider has.
 */
export function pathRtt({ rtt, isps }: Pick<NetworkSettings, 'rtt' | 'isps'>): PathRtt {
  const anyPair = rtt.kind === 'matrix' ? matrixRtt(rtt) : rtt.kind === 'constant' ? () => rtt.ms : regionRtt
  const shares = new Map(isps.map(({ name, insideRttShare }) => [name, insideRttShare]))
  if ([...shares.values()].every((share) => share === 1)) return anyPair
  return (a, b) => (a.isp !== undefined && a.isp === b.isp ? shares.get(a.isp)! : 1) * anyPair(a, b)
}

const regionRtt: PathRtt = (a, b) => {
  const mixed = a.key < b.key ? mix32(a.key, b.key) : mix32(b.key, a.key)
  return rttQuantileMs(a.region, b.region, (mixed + 0.5) / 2 ** 32)
}

function matrixRtt({ ms, nodes }: LatencyMatrix): PathRtt {
  const nodeOf = ({ key, number }: SimHost): number => (nodes === 'index' ? number : key) % ms.length
  return (a, b) => ms[nodeOf(a)][nodeOf(b)]
}
