/** Something can't be done now. Nothing is lost: whoever asked may ask again. */
export class TryLaterError<Code extends string = string> extends Error {
  override readonly name: string = 'TryLaterError'
  readonly code: Code
  /** When to try again, from now: for Retry-After. */
  readonly retryAfterMs: number

  constructor(code: Code, message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}
