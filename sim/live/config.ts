import { LIVE_DEFAULTS, type LiveSettings } from '../../peer/core/live-options.ts'

/** One live stream and its viewers. The source is `swarm.origin`; there are no seeds. */
export interface LiveConfig extends LiveSettings {
  readonly kind: 'live'
  /** Media bytes in a chunk. */
  readonly chunkBytes: number
  /** Media bytes a second. */
  readonly rateBps: number
  /** For how long the stream lasts; the run ends with it. */
  readonly streamS: number
  /** Number of the first chunk: a stream that has been on for longer than anybody watches begins high. */
  readonly firstChunk: number
  /** Sources that are fed like the first and silent until the stream fails; each on a host like the first one's. */
  readonly standbys: number
  /** When the first source vanishes; null: never. */
  readonly sourceFailsAtS: number | null
}

export const LIVE_WORKLOAD_DEFAULTS: LiveConfig = {
  kind: 'live',
  chunkBytes: 8192,
  rateBps: 50_000,
  streamS: 120,
  firstChunk: 0,
  standbys: 0,
  sourceFailsAtS: null,
  ...LIVE_DEFAULTS,
}
