const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** What a shell expects of a process that was told to end at once. */
const EXIT_AT_ONCE = 130

/** Told to stop before the work was done. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly code = 'E_INTERRUPTED'
}

/**
 * Runs something that SIGINT and SIGTERM can stop: the first one aborts the signal that `run` is given, a second one
 * ends the process at once.
 */
export async function withStopSignal(run: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const hear = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_AT_ONCE)
    controller.abort(new InterruptedError('interrupted'))
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  try {
    await run(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, hear)
  }
}

/** Resolves when a signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
