import type { TraceEvent, TraceSink } from '../../sim/trace.ts'

/** Most dials, and most announces, of one node within one simulated second. */
const MOST_A_SECOND = { dial: 400, announce: 60 }

/** Looks in a trace for nodes that try again and again without a pause. */
export class StormWatch implements TraceSink {
  readonly #counts = new Map<string, { second: number; count: number }>()
  #worst: string | undefined

  take({ timeMs, node, kind, details }: TraceEvent): void {
    if (kind === 'dial') this.#count(timeMs, node, 'dial')
    else if (kind === 'send' && details['type'] === 'announce') this.#count(timeMs, node, 'announce')
  }

  /** The first storm; undefined where there was none. */
  worst(): string | undefined {
    return this.#worst
  }

  #count(timeMs: number, node: string, what: keyof typeof MOST_A_SECOND): void {
    const second = Math.floor(timeMs / 1000)
    const key = `${what} ${node}`
    const counted = this.#counts.get(key)
    if (counted?.second !== second) {
      this.#counts.set(key, { second, count: 1 })
      return
    }
    if (++counted.count > MOST_A_SECOND[what])
      this.#worst ??= `${node} did ${what} more than ${MOST_A_SECOND[what]} times in second ${second}`
  }
}
