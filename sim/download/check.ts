import { LIMITS } from '../../peer/protocol/limits.ts'
import { chunkCountOf } from '../../peer/protocol/manifest.ts'
import { whole } from '../check-values.ts'
import type { SwarmConfig } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import type { DownloadConfig } from './config.ts'

/** Throws SimConfigError. */
export function checkDownload(
  { contents, contentBytes, chunkBytes }: DownloadConfig,
  swarm: SwarmConfig,
): void {
  whole('workload.contents', contents, 1, 10_000)
  whole('workload.contentBytes', contentBytes, 1, Number.MAX_SAFE_INTEGER)
  whole('workload.chunkBytes', chunkBytes, 1, LIMITS.chunkBytes)
  whole('number of chunks', chunkCountOf(contentBytes, chunkBytes), 1, LIMITS.chunksPerContent)
  if (swarm.initialSeeds === 0 && !swarm.origin)
    throw new SimConfigError('swarm.initialSeeds', 0, '1 or more where swarm.origin is null')
}
