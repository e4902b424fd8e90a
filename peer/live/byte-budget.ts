/** A bound on memory that several links share. */
export class ByteBudget {
  readonly limitBytes: number
  #takenBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  /** Takes a share; returns whether it was there. */
  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.limitBytes) return false
    this.#takenBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#takenBytes -= bytes
  }
}
