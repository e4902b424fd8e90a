import { SKIPPED_DOUBLES, doubled } from './records.ts'

// Two cache lines of 8 doubles a host: what sending chunks touches, and what receiving them touches.
const DOUBLES = 16
const INTS = 32
const UP_BPS = 0
const SENT_BYTES = 1
const FREE_MS = 2
const UPLOADS = 8
const PENDING_REQUESTS = 9
const UP_LINK = 10
const DOWN_BPS = 8
const RECEIVED_BYTES = 9
const LAST_RECEIVED_MS = 10
const DOWNLOADS = 24
const DOWN_LINK = 25

const doublesAt = (host: number): number => SKIPPED_DOUBLES + host * DOUBLES
const intsAt = (host: number): number => 2 * SKIPPED_DOUBLES + host * INTS

/**
 * What every message and chunk touches of the hosts that it goes from and to, a record a host: in a large simulation each
 * object on the way to it would have to be fetched from memory.
 */
export class HostRecords {
  #count = 0
  #doubles: Float64Array = new Float64Array(SKIPPED_DOUBLES + 16 * DOUBLES)
  #ints = new Int32Array(this.#doubles.buffer)

  /** A record for one more host: nominal rates in bytes per second, and its links. Returns its number. */
  add(upBps: number, downBps: number, upLink: number, downLink: number): number {
    const host = this.#count++
    if (doublesAt(host) === this.#doubles.length) {
      this.#doubles = doubled(this.#doubles, SKIPPED_DOUBLES)
      this.#ints = new Int32Array(this.#doubles.buffer)
    }
    this.#doubles[doublesAt(host) + UP_BPS] = upBps
    this.#doubles[doublesAt(host) + DOWN_BPS] = downBps
    this.#ints[intsAt(host) + UP_LINK] = upLink
    this.#ints[intsAt(host) + DOWN_LINK] = downLink
    return host
  }

  upBps(host: number): number {
    return this.#doubles[doublesAt(host) + UP_BPS]
  }

  downBps(host: number): number {
    return this.#doubles[doublesAt(host) + DOWN_BPS]
  }

  /** When the last message that was handed to the queue of the host's up-link has left. */
  freeMs(host: number): number {
    return this.#doubles[doublesAt(host) + FREE_MS]
  }

  setFreeMs(host: number, ms: number): void {
    this.#doubles[doublesAt(host) + FREE_MS] = ms
  }

  upLink(host: number): number {
    return this.#ints[intsAt(host) + UP_LINK]
  }

  downLink(host: number): number {
    return this.#ints[intsAt(host) + DOWN_LINK]
  }

  /** Chunks being sent and received now. */
  uploads(host: number): number {
    return this.#ints[intsAt(host) + UPLOADS]
  }

  downloads(host: number): number {
    return this.#ints[intsAt(host) + DOWNLOADS]
  }

  /** One chunk more, or with -1 one less, is on its way between two hosts. */
  countTransfer(from: number, to: number, change: 1 | -1): void {
    this.#ints[intsAt(from) + UPLOADS] += change
    this.#ints[intsAt(to) + DOWNLOADS] += change
  }

  /** Requests on their way to a host or waiting there. */
  pendingRequests(host: number): number {
    return this.#ints[intsAt(host) + PENDING_REQUESTS]
  }

  countRequests(host: number, change: number): void {
    this.#ints[intsAt(host) + PENDING_REQUESTS] += change
  }

  /** Bytes that have crossed a host's links in chunk transfers, and when the last of them came. */
  sentBytes(host: number): number {
    return this.#doubles[doublesAt(host) + SENT_BYTES]
  }

  receivedBytes(host: number): number {
    return this.#doubles[doublesAt(host) + RECEIVED_BYTES]
  }

  lastReceivedMs(host: number): number {
    return this.#doubles[doublesAt(host) + LAST_RECEIVED_MS]
  }

  countBytes(from: number, to: number, bytes: number, nowMs: number): void {
    this.#doubles[doublesAt(from) + SENT_BYTES] += bytes
    this.#doubles[doublesAt(to) + RECEIVED_BYTES] += bytes
    if (bytes > 0) this.#doubles[doublesAt(to) + LAST_RECEIVED_MS] = nowMs
  }
}
