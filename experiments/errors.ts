/** A simulation of an experiment failed. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError'
  readonly code = 'E_RUN'
  readonly runId: string

  constructor(runId: string, seed: string, replayCommand: string, cause: unknown) {
    super(
      `run ${runId} failed (simulation seed ${JSON.stringify(seed)}): ${reasonOf(cause)}\n  replay: ${replayCommand}`,
      {
        cause,
      },
    )
    this.runId = runId
  }
}

/** A folder is not a run folder, or one cannot be written where it was asked for. */
export class RunFolderError extends Error {
  override readonly name = 'RunFolderError'
  readonly code = 'E_RUN_FOLDER'
}

/** A command line asks for something that cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'E_USAGE'
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const isOutOfMemory = (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isOutOfMemory ? 'out of memory (with fewer --workers, each has more)' : cause.message
}
