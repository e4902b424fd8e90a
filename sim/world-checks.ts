import { type MemberUsage, usageLimits } from '../peer/core/usage.ts'
import type { NetworkFabric } from './fabric.ts'
import type { LinkIndex } from './flow-network.ts'
import type { InvariantLog } from './invariants.ts'
import type { SimNode } from './sim-node.ts'

/** Relative slack of the checks against capacities: the flow solver's tolerance with room for rounding. */
const SLACK = 1e-3

/** What must hold at the end of every simulation, before the nodes are taken apart. */
export function checkEnd(log: InvariantLog, fabric: NetworkFabric, nodes: readonly SimNode[]): void {
  checkLedger(log, fabric)
  checkStats(log, fabric, nodes)
  for (const node of nodes) checkHost(log, fabric.kernel.nowMs, node)
}

/** What must hold at every moment of every living core that tells what it uses. */
export function checkUsage(log: InvariantLog, nodes: readonly SimNode[]): void {
  const origins = nodes.filter(({ role }) => role === 'origin').length
  for (const node of nodes)
    for (const { usage, settings } of node.accounts()) {
      if (!usage || !settings) continue
      const limits = usageLimits(settings, origins)
      for (const key of Object.keys(limits) as (keyof MemberUsage)[])
        log.check(
          usage[key] <= limits[key],
          'no queue over its limit',
          () => `${node.label} has ${usage[key]} ${key}, at most ${limits[key]} allowed`,
        )
    }
}

/** What must hold at every moment; visits every link. */
export function checkLinks(log: InvariantLog, fabric: NetworkFabric): void {
  const { flows, bottlenecks, relay } = fabric
  const checkLink = (name: string, link: LinkIndex): void => {
    const usedBps = flows.linkUsage(link)
    const capacityBps = flows.capacity(link)
    log.check(
      usedBps <= capacityBps * (1 + SLACK) + 1e-6,
      'no link over its capacity',
      () => `${name} uses ${usedBps} of ${capacityBps} B/s`,
    )
  }
  for (const { host } of fabric.nodes) {
    checkLink(host.address, host.upLink)
    checkLink(host.address, host.downLink)
  }
  for (const [name, link] of bottlenecks.links) checkLink(name, link)
  if (relay) checkLink(relay.address, relay.upLink)
}

function checkLedger(log: InvariantLog, fabric: NetworkFabric): void {
  const { offered, arrived, abandoned, propagating } = fabric.ledger
  let underWay = propagating
  for (const node of fabric.nodes)
    for (const end of node.ends)
      for (const transfer of end.transfers) if (transfer.isUnderWay) underWay += transfer.body.bytes
  log.check(
    offered === arrived + abandoned + underWay,
    'bytes offered = arrived + abandoned + under way',
    () => `${offered} != ${arrived} + ${abandoned} + ${underWay}`,
  )
}

function checkStats(log: InvariantLog, fabric: NetworkFabric, nodes: readonly SimNode[]): void {
  const invariant = 'peers count the bytes that the network carried'
  let uploaded = 0
  let arrived = 0
  for (const node of nodes) {
    arrived += node.unreadBytes
    for (const { stats, claimedChunks, keptChunks } of node.accounts()) {
      const { label } = node.plan
      uploaded += stats.uploadedBytes
      arrived += stats.downloadedBytes + stats.wastedBytes
      const bySource = stats.fromOriginBytes + stats.fromSeedBytes + stats.fromPeerBytes
      log.check(
        stats.downloadedBytes === bySource,
        invariant,
        () => `${label} has ${stats.downloadedBytes} bytes, ${bySource} by source`,
      )
      log.check(
        claimedChunks === keptChunks,
        invariant,
        () => `${label} claims ${claimedChunks} chunks and keeps ${keptChunks}`,
      )
    }
  }
  const { ledger } = fabric
  log.check(uploaded === ledger.sent, invariant, () => `uploaded ${uploaded}, sent ${ledger.sent}`)
  log.check(arrived === ledger.arrived, invariant, () => `received ${arrived}, arrived ${ledger.arrived}`)
}

function checkHost(log: InvariantLog, nowMs: number, node: SimNode): void {
  const { host } = node.network
  const goneMs = node.isHere ? nowMs : node.leftMs
  for (const [what, bytes, bps, untilMs] of [
    ['sent', host.sentBytes, host.upBps, goneMs],
    ['received', host.receivedBytes, host.downBps, Math.max(goneMs, host.lastReceivedMs)],
  ] as const) {
    const seconds = (untilMs - node.arrivedMs) / 1000
    log.check(
      bytes <= bps * seconds * (1 + SLACK) + 1,
      'no host over its capacity',
      () => `${host.address} ${what} ${bytes} bytes in ${seconds} s at ${bps} B/s`,
    )
  }
}
