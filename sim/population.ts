import type { Random } from '../peer/ports/random.ts'
import type { AccessClass } from './access-classes.ts'
import { capped } from './bandwidth-caps.ts'
import { type Lifetime, drawLifetimes } from './churn.ts'
import type { SimConfig } from './config.ts'
import { type NodeFaults, drawFaults, spared } from './faults.ts'
import { planHost } from './host-plan.ts'
import { pickWeighted } from './pick-weighted.ts'
import type { HostSpec } from './sim-host.ts'

export type NodeRole = 'origin' | 'seed' | 'peer'

/** All that is drawn of a node before it lives. */
export interface NodePlan {
  readonly label: string
  readonly role: NodeRole
  readonly accessClass: string
  readonly host: HostSpec
  readonly lifetime: Lifetime
  readonly faults: NodeFaults
}

const FOREVER: Lifetime = { arrivalMs: 0, sessionMs: Infinity, lingerMs: Infinity, isGraceful: true }
const PORT = 6881

/** A source that is there from the start. */
export function planSeed(config: SimConfig, label: string, random: Random): NodePlan {
  const { accessClass, host } = drawHost(config, label, random, config.swarm.initialSeedClass)
  return {
    label,
    role: 'seed',
    accessClass,
    host,
    lifetime: FOREVER,
    faults: drawFaults(config.faults, 'seed', host.region, random.fork('faults', label)),
  }
}

/** The same source, spared by the faults without which it would be of use to nobody. */
export function reliable(plan: NodePlan): NodePlan {
  return { ...plan, faults: spared(plan.faults) }
}

/** Those who come for something: `swarm.peers` of them. */
export function planPeers(config: SimConfig, random: Random): NodePlan[] {
  return drawLifetimes(config.churn, config.swarm.peers, random.fork('churn')).map((lifetime, number) => {
    const label = `peer-${number}`
    const { accessClass, host } = drawHost(config, label, random, null)
    return {
      label,
      role: 'peer',
      accessClass,
      host: capped(host, config.swarm.caps, random.fork('caps', label)),
      lifetime,
      faults: drawFaults(config.faults, 'peer', host.region, random.fork('faults', label)),
    }
  })
}

/** One of several visits of the same guest: the host is the guest's, at an address of the visit's own. */
export function planGuest(
  config: SimConfig,
  guest: string,
  label: string,
  random: Random,
  lifetime: Lifetime,
): NodePlan {
  const { accessClass, host } = drawHost(config, guest, random, null)
  return {
    label,
    role: 'peer',
    accessClass,
    host: { ...capped(host, config.swarm.caps, random.fork('caps', guest)), address: addressOf(label) },
    lifetime,
    faults: drawFaults(config.faults, 'peer', host.region, random.fork('faults', label)),
  }
}

/** The server of the config's `swarm.origin`, which must be there. */
export function planOrigin({ swarm, faults }: SimConfig, label: string, random: Random): NodePlan {
  const { upBps, downBps, region } = swarm.origin!
  return {
    label,
    role: 'origin',
    accessClass: 'origin',
    host: { address: addressOf(label), region, upBps, downBps, lastMileMs: 0 },
    lifetime: FOREVER,
    faults: drawFaults(faults, 'origin', region, random.fork('faults', label)),
  }
}

function drawHost(
  config: SimConfig,
  label: string,
  random: Random,
  className: string | null,
): { accessClass: string; host: HostSpec } {
  const stream = random.fork('host', label)
  const classDraw = stream.next()
  const regions = Object.keys(config.regions).sort()
  const region = pickWeighted(regions, (name) => config.regions[name], stream.next())
  const chosen: AccessClass =
    config.accessClasses.find(({ name }) => name === className) ??
    pickWeighted(config.accessClasses, ({ weight }) => weight, classDraw)
  const place = { label, address: addressOf(label), region, accessClass: chosen }
  return { accessClass: chosen.name, host: planHost(place, config.network, random) }
}

const addressOf = (label: string): string => `${label}.sim:${PORT}`
