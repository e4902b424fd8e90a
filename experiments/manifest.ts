import type { RunOutcomesHash } from './outcome-hash.ts'

/** Tells a run folder from any other folder that holds a manifest.json. */
export const MANIFEST_FORMAT = 'seedbed-run'

/** What was run, with what, and how long it took. */
export interface RunManifest {
  readonly format: typeof MANIFEST_FORMAT
  readonly formatVersion: 1
  readonly name: string
  readonly configHash: string
  readonly outcomesHash: string
  /** The hash of each simulation's outcomes, those to train on first; absent where an older Seedbed wrote the folder. */
  readonly runHashes?: readonly RunOutcomesHash[]
  /** SHA-256 of each data file that the config names, by its path; absent where an older Seedbed wrote the folder. */
  readonly dataFiles?: Readonly<Record<string, string>>
  readonly seed: string
  readonly cells: number
  readonly replications: number
  readonly outcomeRows: number
  /** Null outside a git checkout. */
  readonly commit: string | null
  readonly versions: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly startedAt: string
  readonly wallSeconds: number
  /** When each phase ended, seconds after the start. */
  readonly phaseEndSeconds: Readonly<Record<string, number>>
  readonly workers: number
  readonly peakRssBytes: number
  readonly command: string
}
