import type { Address } from '../peer/protocol/ids.ts'
import type { Random } from '../peer/ports/random.ts'
import type { AccessClass } from './access-classes.ts'
import { drawIsp } from './bottlenecks.ts'
import { drawVariation } from './host-variation.ts'
import { lastMileOf } from './last-mile.ts'
import { NAT_TYPES, type NatSettings, type NatType } from './nat.ts'
import type { NetworkSettings } from './network-settings.ts'
import { pickWeighted } from './pick-weighted.ts'
import type { HostSpec } from './sim-host.ts'

/** Where a host lives, and how it is connected. */
export interface HostPlace {
  readonly label: string
  readonly address: Address
  readonly region: string
  readonly accessClass: AccessClass
}

/** The host of a peer at its place; what is drawn of it comes from streams of its own. */
export function planHost(
  { label, address, region, accessClass }: HostPlace,
  { isps, reachability, lastMileSpread }: NetworkSettings,
  random: Random,
): HostSpec {
  const { upBps, downBps, traces } = accessClass
  const isp = isps.length === 0 ? undefined : drawIsp(isps, region, random.fork('isp', label).next())
  const host = {
    ...{ address, region, upBps, downBps },
    lastMileMs: lastMileOf(accessClass.lastMileMs, lastMileSpread, random.fork('last-mile', label).next()),
    ...(isp === undefined ? {} : { isp }),
    nat: drawNat(accessClass, reachability.nat, random.fork('nat', label)),
  }
  if (traces === undefined) return host
  const stream = random.fork('trace', label)
  return { ...host, ...drawVariation(traces, accessClass, stream.next(), stream.next()) }
}

function drawNat(accessClass: AccessClass, settings: NatSettings | null, random: Random): NatType {
  if (settings === null) return 'open'
  const shares = accessClass.nat ?? settings.shares
  return pickWeighted(NAT_TYPES, (type) => shares[type], random.next())
}
