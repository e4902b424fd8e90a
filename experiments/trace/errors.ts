/** A file is not a trace, or not one that can be used for what was asked. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError'
  readonly code = 'E_TRACE'
}

/** A run that was simulated again gave other outcomes. */
export class ReplayDiffersError extends Error {
  override readonly name = 'ReplayDiffersError'
  readonly code = 'E_REPLAY_DIFFERS'

  constructor(runId: string, expected: string, found: string, then: string | null, now: string | null) {
    const why =
      then === now
        ? 'the same code should give the same outcomes: this is a defect'
        : `recorded by commit ${then ?? 'unknown'}, replayed by ${now ?? 'unknown'}`
    super(`${runId} gave outcomes hash ${found}, recorded is ${expected} (${why})`)
  }
}
