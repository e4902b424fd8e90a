import { mix32 } from './hash.ts'
import type { NetworkSettings } from './network-settings.ts'
import { rttQuantileMs } from './regions.ts'
import type { SimHost } from './sim-host.ts'

/**
 * Round-trip times between hosts, last miles not counted. Each pair has its own quantile of its regions' distribution,
 * hashed from both hosts' keys: the same whoever asks and whenever, and no pair has to be stored.
 */
export function pathRtt(settings: NetworkSettings['rtt']): (a: SimHost, b: SimHost) => number {
  if (settings.kind === 'constant') return () => settings.ms
  return (a, b) => {
    const [low, high] = a.key < b.key ? [a.key, b.key] : [b.key, a.key]
    return rttQuantileMs(a.region, b.region, (mix32(low, high) + 0.5) / 2 ** 32)
  }
}
