import { CHUNK_CHOICES } from '../../peer/core/live-options.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { SIGNATURE_BYTES } from '../../peer/protocol/stream.ts'
import { atLeast, whole } from '../check-values.ts'
import type { SwarmConfig } from '../config.ts'
import { SimConfigError } from '../errors.ts'
import type { LiveConfig } from './config.ts'

/** Throws SimConfigError. */
export function checkLive(config: LiveConfig, swarm: SwarmConfig): void {
  const { chunkBytes, rateBps, windowMs, startBufferMs, keepPlayedMs, sourceFailsAtS } = config
  if (!CHUNK_CHOICES.includes(config.chunkChoice))
    throw new SimConfigError('workload.chunkChoice', config.chunkChoice, CHUNK_CHOICES.join(', '))
  whole('workload.chunkBytes', chunkBytes, 1, LIMITS.chunkBytes - SIGNATURE_BYTES)
  atLeast('workload.rateBps', rateBps, 1)
  atLeast('workload.streamS', config.streamS, 0.001)
  whole('workload.firstChunk', config.firstChunk, 0, 2 ** 50)
  whole('workload.standbys', config.standbys, 0, 100)
  if (sourceFailsAtS !== null) atLeast('workload.sourceFailsAtS', sourceFailsAtS, 0)
  for (const key of ['startPatienceMs', 'resyncMs', 'backoffMs', 'newsMs', 'takeoverMs'] as const)
    atLeast(`workload.${key}`, config[key], 0)
  for (const key of ['startBufferMs', 'keepPlayedMs'] as const) atLeast(`workload.${key}`, config[key], 0)
  for (const key of ['tickMs', 'fetchTimeoutMs'] as const) atLeast(`workload.${key}`, config[key], 1)
  const mostMs = (1000 * LIMITS.windowChunks * chunkBytes) / rateBps
  const leastMs = 2 * (startBufferMs + keepPlayedMs)
  if (!(windowMs >= leastMs && windowMs <= mostMs))
    throw new SimConfigError(
      'workload.windowMs',
      windowMs,
      `${leastMs} (twice startBufferMs and keepPlayedMs) to ${mostMs} (${LIMITS.windowChunks} chunks)`,
    )
  if (!swarm.origin) throw new SimConfigError('swarm.origin', null, 'a live stream’s source')
}
