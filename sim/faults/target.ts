import type { NodeRole } from '../population.ts'

/** Who a fault may strike: `all` are peers and seeds; servers have to be named. `region:X` are the peers and seeds of a region. */
export type FaultTarget = 'peers' | 'seeds' | 'origins' | 'trackers' | 'all' | `region:${string}`

/** What a program on a host is in the world. */
export type Role = NodeRole | 'tracker'

/** Whether a program of a role in a region is among a fault's targets. */
export function isTarget(target: FaultTarget, role: Role, region: string): boolean {
  const isOfSwarm = role === 'peer' || role === 'seed'
  if (target === 'all') return isOfSwarm
  if (target.startsWith('region:')) return isOfSwarm && target === `region:${region}`
  return target === `${role}s`
}
