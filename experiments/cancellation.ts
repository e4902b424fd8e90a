/** A simulation was given up because another one failed, or the experiment was stopped. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
  readonly code = 'E_CANCELLED'

  constructor() {
    super('given up because the experiment has ended')
  }
}

/**
 * A flag that threads share. Simulations look at it now and then: to end a thread from outside while its database works
 * would take the whole process down.
 */
export class Cancellation {
  readonly buffer: SharedArrayBuffer
  readonly #flag: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.buffer = buffer
    this.#flag = new Int32Array(buffer)
  }

  cancel(): void {
    Atomics.store(this.#flag, 0, 1)
  }

  /** Throws CancelledError where it has been cancelled. */
  check(): void {
    if (Atomics.load(this.#flag, 0) !== 0) throw new CancelledError()
  }
}
