import { LIMITS } from '../../peer/protocol/limits.ts'
import { atLeast, positiveSum, share, whole } from '../check-values.ts'
import type { SwarmConfig } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import type { MusicConfig } from './config.ts'

/** Throws SimConfigError. */
export function checkMusic(config: MusicConfig, swarm: SwarmConfig): void {
  const { catalogue, tiers, attendance, taste, cache, chunkBytes } = config
  whole('workload.chunkBytes', chunkBytes, 1, LIMITS.chunkBytes)
  whole('workload.catalogue.tracks', catalogue.tracks, 1, 1_000_000)
  share('workload.catalogue.topShare', catalogue.topShare)
  share('workload.catalogue.playsShare', catalogue.playsShare)
  atLeast('workload.catalogue.shift', catalogue.shift, 0)
  atLeast('workload.catalogue.leastS', catalogue.leastS, 1)
  atLeast('workload.catalogue.mostS', catalogue.mostS, catalogue.leastS)
  if (catalogue.playsShare < catalogue.topShare)
    throw new SimConfigError(
      'workload.catalogue.playsShare',
      catalogue.playsShare,
      `${catalogue.topShare} (topShare) or more`,
    )
  positiveSum(
    'workload.tiers weights',
    tiers.map(({ weight }) => weight),
  )
  for (const { name, byteRateBps } of tiers) {
    atLeast(`workload.tiers.${name}.byteRateBps`, byteRateBps, 1)
    whole(
      `number of chunks of a track in tier ${name}`,
      Math.ceil((catalogue.mostS * byteRateBps) / chunkBytes),
      1,
      LIMITS.chunksPerContent,
    )
  }
  if (attendance.hours.length !== 24)
    throw new SimConfigError('workload.attendance.hours', attendance.hours, '24 weights')
  positiveSum('workload.attendance.hours', attendance.hours)
  atLeast('workload.attendance.sessionsPerDay', attendance.sessionsPerDay, 1e-3)
  atLeast('workload.attendance.medianS', attendance.medianS, 1)
  whole('workload.taste.playlistTracks', taste.playlistTracks, 1, 10_000)
  for (const key of ['ownShare', 'randomShare', 'forwardShare', 'seekShare'] as const)
    share(`workload.taste.${key}`, taste[key])
  atLeast('workload.taste.patienceS', taste.patienceS, 1)
  atLeast('workload.cache.historyDays', cache.historyDays, 0)
  const { softLinks, hardLinks } = config.node
  if (hardLinks < softLinks)
    throw new SimConfigError('workload.node.hardLinks', hardLinks, `${softLinks} (softLinks) or more`)
  if (!swarm.origin) throw new SimConfigError('swarm.origin', null, 'an origin: tracks come from somewhere')
}
