import type { PeerId } from '../protocol/ids.ts'
import type { KnownPeer } from './known-peer.ts'
import type { Neighbour } from './neighbour.ts'
import { removeFrom } from './remove-from.ts'
import { uncountedBuffer } from './uncounted-buffer.ts'

// The marks of a row: 5 flags, 11 bits of requests under way, and the two counters of the load, 8 bits each.
const CHOKED_BY_IT = 1
const ORIGIN = 2
const INTERESTING = 4
/** Was to be left alone when the row was looked at last. */
const BACKS_OFF = 8
/** The last request came to nothing before its time-out. */
const SILENT = 16
const INFLIGHT_SHIFT = 5
const INFLIGHT_MASK = 0x7ff
const ONE_INFLIGHT = 1 << INFLIGHT_SHIFT
const ACTIVE_SHIFT = 16
const QUEUED_SHIFT = 24
const NOT_LOAD = 0xffff

const FEWEST_ROWS = 16

/**
 * What is asked of all neighbours with every choice and every piece of news, a row a neighbour: kept in a few arrays, because
 * a peer goes through all of its neighbours again and again, and in a large simulation each object on the way would have to
 * be fetched from memory.
 */
export class NeighbourTable {
  /** The rows in use, in the order in which the neighbours came. */
  readonly rows: number[] = []
  readonly #neighbours: (Neighbour | undefined)[] = []
  readonly #peerIds: PeerId[] = []
  readonly #freeRows: number[] = []
  /** The numbers of the links, where the network names them. */
  #links: Int32Array = new Int32Array(0)
  #marks: Int32Array = new Int32Array(0)
  /** When the load was told, and until when nothing is asked, of row r at 2r and 2r + 1. */
  #times: Float64Array = new Float64Array(0)

  /** Gives a new neighbour a row, which starts with what is known of it. */
  join(neighbour: Neighbour): void {
    const { known } = neighbour
    const row = this.#freeRows.pop() ?? this.#append()
    neighbour.row = row
    this.rows.push(row)
    this.#neighbours[row] = neighbour
    this.#peerIds[row] = known.peerId
    this.#links[row] = neighbour.link.number ?? -1
    this.#marks[row] = CHOKED_BY_IT | (known.isOrigin ? ORIGIN : 0)
    this.#times[2 * row] = NaN
    this.noteOutcome(neighbour)
  }

  /** Takes a row back; what the neighbour told last is handed on to what is known of it. */
  leave(neighbour: Neighbour): void {
    const { row, known } = neighbour
    if (this.isNewer(row, known)) known.hearLoad(this.active(row), this.queued(row), this.loadAtMs(row))
    neighbour.row = -1
    removeFrom(this.rows, row)
    this.#neighbours[row] = undefined
    this.#freeRows.push(row)
  }

  neighbour(row: number): Neighbour {
    return this.#neighbours[row]!
  }

  /** What the network calls the link to a neighbour, where it names links. */
  linkNumber(row: number): number {
    return this.#links[row]
  }

  peerId(row: number): PeerId {
    return this.#peerIds[row]
  }

  /** Whether the neighbour takes no requests. */
  setChokedByIt(row: number, value: boolean): void {
    this.#set(row, CHOKED_BY_IT, value)
  }

  /** Whether this peer wants something that the neighbour holds. */
  isInteresting(row: number): boolean {
    return (this.#marks[row] & INTERESTING) !== 0
  }

  setInteresting(row: number, value: boolean): void {
    this.#set(row, INTERESTING, value)
  }

  /** Own requests under way at the neighbour. */
  inflight(row: number): number {
    return (this.#marks[row] >>> INFLIGHT_SHIFT) & INFLIGHT_MASK
  }

  requested(row: number): void {
    this.#marks[row] += ONE_INFLIGHT
  }

  /** A request has ended; harmless for a neighbour that has left. */
  ended({ row }: Neighbour): void {
    if (row >= 0) this.#marks[row] -= ONE_INFLIGHT
  }

  /** Takes over what the end of a request has changed; harmless for a neighbour that has left. */
  noteOutcome({ row, known }: Neighbour): void {
    if (row < 0) return
    this.#times[2 * row + 1] = known.backoffUntilMs
    this.#set(row, BACKS_OFF, known.backoffUntilMs > -Infinity)
    this.#set(row, SILENT, known.timeoutsInRow > 0)
  }

  /** Whether a neighbour takes requests and is not left alone now. */
  isReady(row: number, nowMs: number): boolean {
    const marks = this.#marks[row]
    if ((marks & (CHOKED_BY_IT | BACKS_OFF)) === 0) return true
    if ((marks & CHOKED_BY_IT) !== 0 || this.#times[2 * row + 1] > nowMs) return false
    this.#marks[row] = marks & ~BACKS_OFF
    return true
  }

  /** Whether a neighbour may be asked now, for `most` chunks at once; for several only where it does answer. */
  canAsk(row: number, most: number, nowMs: number): boolean {
    const marks = this.#marks[row]
    const inflight = (marks >>> INFLIGHT_SHIFT) & INFLIGHT_MASK
    if (inflight > 0 && (inflight >= most || (marks & SILENT) !== 0)) return false
    return this.isReady(row, nowMs)
  }

  isOrigin(row: number): boolean {
    return (this.#marks[row] & ORIGIN) !== 0
  }

  /** Until when nothing is asked of a neighbour. */
  backoffUntilMs(row: number): number {
    return this.#times[2 * row + 1]
  }

  /** Takes over a load told at `atMs`, unless a later one is known: news that could wait comes late. */
  hearLoad(row: number, active: number, queued: number, atMs: number): void {
    if (this.#times[2 * row] > atMs) return
    this.#marks[row] =
      (this.#marks[row] & NOT_LOAD) | ((active & 0xff) << ACTIVE_SHIFT) | (queued << QUEUED_SHIFT)
    this.#times[2 * row] = atMs
  }

  /** Whether the neighbour itself has told its load since the tracker did. */
  isNewer(row: number, known: KnownPeer): boolean {
    const loadAtMs = this.#times[2 * row]
    return !Number.isNaN(loadAtMs) && !(known.loadAtMs > loadAtMs)
  }

  active(row: number): number {
    return (this.#marks[row] >>> ACTIVE_SHIFT) & 0xff
  }

  queued(row: number): number {
    return this.#marks[row] >>> QUEUED_SHIFT
  }

  loadAtMs(row: number): number {
    return this.#times[2 * row]
  }

  #set(row: number, flag: number, value: boolean): void {
    const marks = this.#marks[row]
    this.#marks[row] = value ? marks | flag : marks & ~flag
  }

  #append(): number {
    const row = this.#neighbours.length
    if (row === this.#marks.length) {
      const rows = Math.max(FEWEST_ROWS, 4 * row)
      const buffer = uncountedBuffer(24 * rows)
      this.#times = filled(new Float64Array(buffer, 0, 2 * rows), this.#times)
      this.#marks = filled(new Int32Array(buffer, 16 * rows, rows), this.#marks)
      this.#links = filled(new Int32Array(buffer, 20 * rows, rows), this.#links)
    }
    this.#neighbours.push(undefined)
    this.#peerIds.push('')
    return row
  }
}

function filled<T extends Float64Array | Int32Array>(array: T, from: T): T {
  array.set(from)
  return array
}
