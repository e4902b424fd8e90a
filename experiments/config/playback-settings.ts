import type { PlaybackSettings } from '../../peer/core/playback-demand.ts'
import type { PlayerSettings } from '../../peer/core/player.ts'
import { count, durationMs } from './quantity.ts'
import { oneOf, section } from './sections.ts'

/** How long a player waits for media. */
export const playerSection = (defaults: PlayerSettings) =>
  section({ startBufferMs: durationMs(), resumeBufferMs: durationMs() }, defaults)

/** From whom media is fetched that is to be played soon. */
export const playbackSection = (defaults: PlaybackSettings) =>
  section(
    {
      originFirstMs: durationMs(),
      emergencyMs: durationMs(),
      criticalMs: durationMs(),
      /** Null: to the end of the track. */
      peersAheadMs: durationMs().nullable(),
      order: oneOf('in-order', 'rarest-first'),
      originFetches: count(1, 1000),
    },
    defaults,
  )
