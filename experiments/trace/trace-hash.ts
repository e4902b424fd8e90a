import { createHash } from 'node:crypto'
import type { TraceMark } from './trace-format.ts'

/** Lines that are hashed at once. */
const BATCH = 512

/** A hash that grows with every event of a trace, and can be read at any time. */
export class TraceHash {
  events = 0
  readonly #hash = createHash('sha256')
  #lines: string[] = []

  add(line: string): void {
    this.events++
    if (this.#lines.push(line) === BATCH) this.#take()
  }

  /** Over all lines so far, in 16 hex digits. */
  digest(): string {
    this.#take()
    return this.#hash.copy().digest('hex').slice(0, 16)
  }

  mark(second: number): TraceMark {
    return { second, events: this.events, hash: this.digest() }
  }

  #take(): void {
    if (this.#lines.length === 0) return
    this.#hash.update(`${this.#lines.join('\n')}\n`)
    this.#lines = []
  }
}
