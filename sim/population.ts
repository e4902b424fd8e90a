import type { Random } from '../peer/ports/random.ts'
import type { AccessClass } from './access-classes.ts'
import { type Lifetime, drawLifetimes } from './churn.ts'
import type { SimConfig } from './config.ts'
import { type NodeFaults, NO_FAULTS, drawFaults } from './faults.ts'
import type { HostSpec } from './sim-host.ts'

export type NodeRole = 'origin' | 'seed' | 'peer'

/** All that is drawn of a node before it lives. */
export interface NodePlan {
  readonly label: string
  readonly role: NodeRole
  /** Number of the content that it wants or has. */
  readonly content: number
  readonly accessClass: string
  readonly host: HostSpec
  readonly lifetime: Lifetime
  readonly faults: NodeFaults
}

const FOREVER: Lifetime = { arrivalMs: 0, sessionMs: Infinity, lingerMs: Infinity, isGraceful: true }
const PORT = 6881

/** Who is there from the start: the origin of each content, then its initial seeds. */
export function planSources(config: SimConfig, random: Random): NodePlan[] {
  const { swarm } = config
  const plans: NodePlan[] = []
  for (let content = 0; content < swarm.contents; content++) {
    if (swarm.origin) plans.push(planOrigin(config, content))
    for (let seed = 0; seed < swarm.initialSeeds; seed++) {
      const label = `seed-${content}-${seed}`
      const drawn = drawFaults(config.faults, 'seed', random.fork('faults', label))
      plans.push({
        label,
        role: 'seed',
        content,
        ...drawHost(config, label, random, swarm.initialSeedClass),
        lifetime: FOREVER,
        // Without one honest source nobody could ever finish.
        faults:
          seed === 0 ? { ...drawn, corruptShare: 0, isFreeRider: false, crashAfterMs: Infinity } : drawn,
      })
    }
  }
  return plans
}

/** Those who come to fetch. */
export function planPeers(config: SimConfig, random: Random): NodePlan[] {
  const { peers, contents } = config.swarm
  return drawLifetimes(config.churn, peers, random.fork('churn')).map((lifetime, number) => {
    const label = `peer-${number}`
    return {
      label,
      role: 'peer',
      content: contents === 1 ? 0 : random.fork('content', label).below(contents),
      ...drawHost(config, label, random, null),
      lifetime,
      faults: drawFaults(config.faults, 'peer', random.fork('faults', label)),
    }
  })
}

function planOrigin({ swarm }: SimConfig, content: number): NodePlan {
  const { upBps, downBps, region } = swarm.origin!
  const label = `origin-${content}`
  return {
    label,
    role: 'origin',
    content,
    accessClass: 'origin',
    host: { address: addressOf(label), region, upBps, downBps, lastMileMs: 0 },
    lifetime: FOREVER,
    faults: NO_FAULTS,
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
  const { upBps, downBps, lastMileMs } = chosen
  return {
    accessClass: chosen.name,
    host: { address: addressOf(label), region, upBps, downBps, lastMileMs },
  }
}

const addressOf = (label: string): string => `${label}.sim:${PORT}`

/** The item at `quantile` (0 to 1) of the weights' cumulative distribution. */
function pickWeighted<T>(items: readonly T[], weightOf: (item: T) => number, quantile: number): T {
  let left = quantile * items.reduce((sum, item) => sum + weightOf(item), 0)
  for (const item of items) {
    left -= weightOf(item)
    if (left < 0) return item
  }
  return items.findLast((item) => weightOf(item) > 0)!
}
