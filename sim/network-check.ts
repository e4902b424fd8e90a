import type { AccessClass } from './access-classes.ts'
import type { Isp } from './bottlenecks.ts'
import { traceProblem } from './capacity-trace.ts'
import { atLeast, positiveSum, region, share } from './check-values.ts'
import { SimConfigError } from './errors.ts'
import { matrixProblem } from './latency-matrix.ts'
import { NAT_TYPES } from './nat.ts'
import type { NetworkSettings } from './network-settings.ts'
import { REGIONS } from './region-rtt.ts'

/** Throws SimConfigError where a network cannot be simulated. */
export function checkNetwork(network: NetworkSettings, accessClasses: readonly AccessClass[]): void {
  const { rtt, lossRate, uplinkQueue, transitBps } = network
  if (rtt.kind === 'constant') atLeast('network.rtt.ms', rtt.ms, 0)
  if (rtt.kind === 'matrix') {
    const problem = matrixProblem(rtt.ms)
    if (problem) throw new SimConfigError('network.rtt.ms', problem.found, problem.allowed)
  }
  atLeast('network.lastMileSpread', network.lastMileSpread, 0)
  atLeast('network.jitterShare', network.jitterShare, 0)
  if (!(lossRate >= 0 && lossRate < 0.5))
    throw new SimConfigError('network.lossRate', lossRate, '0 or more, below 0.5')
  if (uplinkQueue.kind === 'fifo') atLeast('network.uplinkQueue.bufferMs', uplinkQueue.bufferMs, 0)
  atLeast('network.maxWindowBytes', network.maxWindowBytes, 1460)
  atLeast('network.connectTimeoutMs', network.connectTimeoutMs, 1)
  atLeast('network.lostDetectionMs', network.lostDetectionMs, 1)
  for (const [name, bps] of Object.entries(transitBps)) {
    region('network.transitBps', name)
    atLeast(`network.transitBps.${name}`, bps, 1)
  }
  checkIsps(network.isps, transitBps)
  checkReachability(network.reachability)
  for (const accessClass of accessClasses) checkAccess(accessClass, network)
}

function checkIsps(isps: readonly Isp[], transitBps: NetworkSettings['transitBps']): void {
  const names = isps.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new SimConfigError('network.isps', twice, 'a name of its own for each')
  isps.forEach((isp, position) => {
    const path = `network.isps[${position}]`
    if (isp.region !== null) region(`${path}.region`, isp.region)
    share(`${path}.share`, isp.share)
    share(`${path}.insideRttShare`, isp.insideRttShare)
    if (isp.capacityBps === null) return
    atLeast(`${path}.capacityBps`, isp.capacityBps, 1)
    const alsoTransit = Object.keys(transitBps).find((name) => isp.region === null || isp.region === name)
    if (alsoTransit !== undefined)
      throw new SimConfigError(
        `${path}.capacityBps`,
        isp.capacityBps,
        `null where network.transitBps.${alsoTransit} is set: a host has one shared bottleneck`,
      )
  })
  for (const name of REGIONS) {
    const total = isps.reduce(
      (sum, isp) => sum + (isp.region === null || isp.region === name ? isp.share : 0),
      0,
    )
    if (total > 1 + 1e-9) throw new SimConfigError(`network.isps shares in ${name}`, total, '1 at most')
  }
}

function checkReachability({ connectSuccess, nat, relay }: NetworkSettings['reachability']): void {
  const path = 'network.reachability'
  share(`${path}.connectSuccess`, connectSuccess)
  if (nat) {
    share(`${path}.nat.punchSuccess`, nat.punchSuccess)
    checkShares(`${path}.nat.shares`, nat.shares)
  }
  if (relay) {
    region(`${path}.relay.region`, relay.region)
    atLeast(`${path}.relay.capacityBps`, relay.capacityBps, 1)
  }
}

function checkAccess({ name, traces, nat }: AccessClass, { reachability }: NetworkSettings): void {
  const path = `accessClasses.${name}`
  if (nat) {
    checkShares(`${path}.nat`, nat)
    if (reachability.nat === null)
      throw new SimConfigError(`${path}.nat`, nat, 'only where network.reachability.nat is set')
  }
  if (!traces) return
  if (traces.traces.length === 0) throw new SimConfigError(`${path}.traces`, [], 'one trace or more')
  for (const [position, trace] of traces.traces.entries()) {
    const problem = traceProblem(trace)
    if (problem) throw new SimConfigError(`${path}.traces[${position}]`, problem.found, problem.allowed)
  }
}

function checkShares(path: string, shares: Readonly<Record<string, number>>): void {
  for (const type of NAT_TYPES) atLeast(`${path}.${type}`, shares[type], 0)
  positiveSum(path, Object.values(shares))
}
