import { CHUNK_CHOICES } from '../../peer/core/live-options.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { SIGNATURE_BYTES } from '../../peer/protocol/stream.ts'
import { LIVE_WORKLOAD_DEFAULTS } from '../../sim/live/config.ts'
import { bytes, count, durationMs, durationS, rateBps } from './quantity.ts'
import { kindSection, oneOf } from './sections.ts'

const { kind, ...defaults } = LIVE_WORKLOAD_DEFAULTS

/** One live stream and its viewers. */
export const liveSchema = kindSection(
  kind,
  {
    chunkBytes: bytes({ least: 1, most: LIMITS.chunkBytes - SIGNATURE_BYTES }),
    rateBps: rateBps(),
    streamS: durationS({ least: 0.001 }),
    firstChunk: count(0, 2 ** 50),
    standbys: count(0, 100),
    sourceFailsAtS: durationS().nullable(),
    chunkChoice: oneOf(...CHUNK_CHOICES),
    windowMs: durationMs({ least: 1 }),
    startBufferMs: durationMs(),
    startPatienceMs: durationMs(),
    keepPlayedMs: durationMs(),
    resyncMs: durationMs(),
    fetchTimeoutMs: durationMs({ least: 1 }),
    backoffMs: durationMs(),
    tickMs: durationMs({ least: 1 }),
    newsMs: durationMs(),
    takeoverMs: durationMs(),
  },
  defaults,
)
