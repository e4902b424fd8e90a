import { CHUNK_CHOICES } from '../../peer/core/live-options.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { Dice } from './dice.ts'
import type { DrawnWorkload } from './drawn-config.ts'

/** A short stream of small chunks to a few viewers; at times its source fails. */
export function drawLive(dice: Dice): DrawnWorkload {
  const streamS = dice.scale(5, 90)
  const chunkBytes = dice.scale(500, 30_000)
  const rateBps = dice.scale(1000, 60_000)
  const mostWindowMs = Math.floor((1000 * LIMITS.windowChunks * chunkBytes) / rateBps)
  const windowMs = Math.min(dice.scale(500, 40_000), mostWindowMs)
  const startBufferMs = Math.floor((windowMs / 2) * dice.share())
  return {
    peers: dice.scale(1, 20),
    needsOrigin: true,
    durationLimitS: dice.pick([streamS, 2 * streamS, 200]),
    workload: {
      kind: 'live',
      chunkBytes,
      rateBps,
      streamS,
      firstChunk: dice.pick([0, 0, 1_000_000, 2 ** 32 - 10]),
      standbys: dice.pick([0, 0, 1, 2]),
      sourceFailsAtS: dice.pick([null, null, dice.whole(0, streamS)]),
      chunkChoice: dice.pick(CHUNK_CHOICES),
      windowMs,
      startBufferMs,
      keepPlayedMs: Math.floor((windowMs / 2 - startBufferMs) * dice.share()),
      startPatienceMs: dice.pick([0, 1000, 30_000]),
      resyncMs: dice.scale(1, 20_000),
      fetchTimeoutMs: dice.scale(50, 10_000),
      backoffMs: dice.pick([0, 100, 5000]),
      tickMs: dice.scale(10, 1000),
      newsMs: dice.pick([0, 50, 1000]),
      takeoverMs: dice.scale(100, 10_000),
    },
  }
}
