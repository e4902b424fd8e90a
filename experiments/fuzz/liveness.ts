import type { Config } from '../config/schema.ts'
import type { WorldResult } from '../../sim/world-result.ts'

/** How much longer than the origin alone would need a calm world may take. */
const PATIENCE = 5
const SETTLE_S = 120

/**
 * Why a world has not done what it must; undefined where it has, or where nothing can be said: a peer that stays must get
 * everything in time where an origin serves it, nothing strikes either, and the origin alone could do it several times over.
 */
export function livenessProblem(config: Config, result: WorldResult): string | undefined {
  if (!isCalm(config) || config.workload.kind !== 'download' || config.swarm.origin === null) return undefined
  const { contents, contentBytes } = config.workload
  const upBps = Math.min(config.swarm.origin.upBps, ...config.accessClasses.map(({ downBps }) => downBps))
  const neededS = (config.swarm.peers * contents * contentBytes) / upBps
  const patienceS = PATIENCE * neededS + SETTLE_S
  for (const peer of result.peers) {
    const hereS = (result.simulatedMs - peer.arrivedMs) / 1000
    if (!Number.isNaN(peer.leftMs) || hereS < patienceS || peer.downloadedBytes >= contentBytes) continue
    return (
      `${peer.label} has ${peer.downloadedBytes} of ${contentBytes} bytes after ${hereS} s, ` +
      `${neededS.toFixed(1)} s of the origin's time`
    )
  }
  return undefined
}

/** No faults, no caps, no loss, and peers as by default. */
function isCalm({ accessClasses, faults, swarm, network, peer, tracker, workload }: Config): boolean {
  return (
    faults.length === 0 &&
    swarm.caps.length === 0 &&
    network.lossRate === 0 &&
    Object.keys(network.transitBps).length === 0 &&
    network.isps.every(({ capacityBps }) => capacityBps === null) &&
    network.maxWindowBytes >= 100_000 &&
    accessClasses.every(({ trace }) => trace === null) &&
    (network.rtt.kind !== 'constant' || network.rtt.ms < 1000) &&
    peer.minFetchTimeoutMs >= 30_000 &&
    peer.connectTimeoutMs >= 5000 &&
    tracker.expiryMs >= 2 * tracker.announceMs &&
    workload.kind === 'download'
  )
}
