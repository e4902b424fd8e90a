import { chunkCountOf } from '../../peer/protocol/manifest.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { atLeast, share, whole } from '../check-values.ts'
import type { SwarmConfig } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import type { RoomsConfig } from './config.ts'

/** Throws SimConfigError where the workload can't be simulated. */
export function checkRooms(workload: RoomsConfig, swarm: SwarmConfig): void {
  const { controls, losses, clocks, link, sync, player } = workload
  whole('workload.membersPerRoom', workload.membersPerRoom, 1, 100_000)
  whole('workload.contents', workload.contents, 1, 10_000)
  whole('workload.tracksPerRoom', workload.tracksPerRoom, 1, Math.min(LIMITS.roomTracks, workload.contents))
  atLeast('workload.leastTrackS', workload.leastTrackS, 1)
  atLeast('workload.mostTrackS', workload.mostTrackS, workload.leastTrackS)
  if (workload.mostTrackS * 1000 > LIMITS.trackMs)
    throw new SimConfigError('workload.mostTrackS', workload.mostTrackS, `at most ${LIMITS.trackMs / 1000}`)
  atLeast('workload.byteRateBps', workload.byteRateBps, 1)
  whole('workload.chunkBytes', workload.chunkBytes, 1, LIMITS.chunkBytes)
  const mostBytes = Math.ceil(workload.mostTrackS * workload.byteRateBps)
  whole('number of chunks', chunkCountOf(mostBytes, workload.chunkBytes), 1, LIMITS.chunksPerContent)
  atLeast('workload.listenS', workload.listenS, 1)
  atLeast('workload.gatherS', workload.gatherS, 0)
  if (workload.gatherS > workload.listenS)
    throw new SimConfigError('workload.gatherS', workload.gatherS, `at most listenS, ${workload.listenS}`)
  share('workload.lateShare', workload.lateShare)
  for (const key of ['pauseEveryS', 'seekEveryS', 'skipEveryS'] as const)
    if (controls[key] !== null) atLeast(`workload.controls.${key}`, controls[key], 0.1)
  atLeast('workload.controls.pauseForS', controls.pauseForS, 0)
  if (losses.everyS !== null) atLeast('workload.losses.everyS', losses.everyS, 0.1)
  atLeast('workload.losses.forS', losses.forS, 0)
  atLeast('workload.clocks.offsetMs', clocks.offsetMs, 0)
  atLeast('workload.clocks.driftPpm', clocks.driftPpm, 0)
  if (clocks.driftPpm > 100_000)
    throw new SimConfigError('workload.clocks.driftPpm', clocks.driftPpm, 'at most 100000')
  atLeast('workload.sampleMs', workload.sampleMs, 1)
  atLeast('workload.player.startBufferMs', player.startBufferMs, 0)
  for (const [key, value] of Object.entries(link)) atLeast(`workload.link.${key}`, value as number, 0)
  for (const key of ['connectTimeoutMs', 'backoffMs', 'pingMs', 'firstPingMs', 'silenceMs'] as const)
    atLeast(`workload.link.${key}`, link[key], 1)
  whole('workload.link.clockWindow', link.clockWindow, 1, 1000)
  atLeast('workload.sync.checkMs', sync.checkMs, 1)
  atLeast('workload.sync.toleranceMs', sync.toleranceMs, 0)
  if (!(sync.rateChange > 0 && sync.rateChange <= 0.5))
    throw new SimConfigError('workload.sync.rateChange', sync.rateChange, 'above 0, at most 0.5')
  if (swarm.initialSeeds === 0 && !swarm.origin)
    throw new SimConfigError('swarm.initialSeeds', 0, '1 or more where swarm.origin is null')
}
