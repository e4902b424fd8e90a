import type { Have } from '../peer/protocol/messages.ts'
import type { Kernel } from './kernel.ts'
import { type LinkEnd, UP } from './link-end.ts'

/** The node catches up at the latest when so much waits. */
const MOST_WAITING = 128

/**
 * News of chunks that has come, or is still on its way, to a node that has said that such news can wait. It is handed over
 * before the node hears or does anything else, each piece at the time of its arrival as the node's clock tells it: the
 * outcome is the same as if every piece had been an event of its own, which most messages of a swarm would be.
 */
export class Inbox {
  /** What the node's clock says while it catches up; NaN at other times. */
  asOfMs = NaN
  readonly #kernel: Kernel
  readonly #ends: (LinkEnd | undefined)[] = []
  readonly #news: (Have | undefined)[] = []
  readonly #arrivalMs: number[] = []
  #count = 0
  #isPatient = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Whether news on links that allow it may wait. */
  get isPatient(): boolean {
    return this.#isPatient
  }

  set isPatient(value: boolean) {
    this.#isPatient = value
    if (!value) this.release()
  }

  /** Makes events of all that is on its way: from now on it may matter at once. */
  release(): void {
    for (let i = 0; i < this.#count; i++)
      this.#kernel.scheduleAt(this.#arrivalMs[i], deliverNews, this.#ends[i]!, this.#news[i]!)
    this.#forget(0)
  }

  put(end: LinkEnd, news: Have, arrivalMs: number): void {
    if (this.#count >= MOST_WAITING) this.catchUp()
    this.#ends[this.#count] = end
    this.#news[this.#count] = news
    this.#arrivalMs[this.#count++] = arrivalMs
  }

  /** Hands over all that has arrived by now. Call before the node hears anything else, and before its timers fire. */
  catchUp(): void {
    if (this.#count === 0) return
    const nowMs = this.#kernel.nowMs
    let kept = 0
    for (let i = 0; i < this.#count; i++) {
      const end = this.#ends[i]!
      const news = this.#news[i]!
      const arrivalMs = this.#arrivalMs[i]
      if (arrivalMs > nowMs) {
        this.#ends[kept] = end
        this.#news[kept] = news
        this.#arrivalMs[kept++] = arrivalMs
      } else if (end.state === UP) {
        this.asOfMs = arrivalMs
        end.handler.message(end, news)
      }
    }
    this.asOfMs = NaN
    this.#forget(kept)
  }

  #forget(kept: number): void {
    for (let i = kept; i < this.#count; i++) this.#ends[i] = this.#news[i] = undefined
    this.#count = kept
  }
}

function deliverNews(end: LinkEnd, news: Have): void {
  if (end.state !== UP) return
  end.inbox.catchUp()
  end.handler.message(end, news)
}
