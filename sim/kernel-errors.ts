/** A delay, time or limit that the kernel cannot place on its time axis. */
export class KernelTimeError extends Error {
  readonly code = 'SIM_KERNEL_TIME'
  constructor(what: string, value: number, allowed: string) {
    super(`invalid ${what}: ${value} (allowed ${allowed})`)
    this.name = 'KernelTimeError'
  }
}

/** `run` or `step` was called from inside an event handler. */
export class KernelReentryError extends Error {
  readonly code = 'SIM_KERNEL_REENTRY'
  constructor() {
    super('invalid call: run or step inside an event handler (allowed: schedule, cancel and stop)')
    this.name = 'KernelReentryError'
  }
}

/** More events are pending at once than a handle can number. */
export class KernelCapacityError extends Error {
  readonly code = 'SIM_KERNEL_CAPACITY'
  constructor(limit: number) {
    super(
      `invalid schedule: ${limit} events are pending already (allowed up to ${limit}; cancel or run some)`,
    )
    this.name = 'KernelCapacityError'
  }
}
