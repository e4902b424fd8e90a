import { type ProgressStream, StatusBlock } from '../status-block.ts'
import { StatusFile } from '../status-file.ts'

const REDRAW_MS = 200
const EVENT_MS = 1_000
/** Piped output gets a line at least this far apart. */
const LINE_EVERY_MS = 5_000

/** What a running peer shows of itself. */
export interface PeerFace {
  /** Lines for a terminal of that many columns, in colours where it has them. */
  lines(width: number, isColoured: boolean): string[]
  /** The same in one line. */
  summary(): string
  /** The fields of a `progress` event. */
  progress(): object
}

export interface PeerViewOptions {
  /** Where people look. */
  readonly stream: ProgressStream
  /** Where programs read events, one JSON object a line; none where it is left out. */
  readonly events?: { write(text: string): unknown } | undefined
}

/** Tells how a peer is doing: as events for programs, as a block at a terminal, or as a line now and then. */
export class PeerView {
  readonly #block: StatusBlock
  readonly #events: PeerViewOptions['events']
  #face: PeerFace | undefined
  #timers: NodeJS.Timeout[] = []
  #status: StatusFile | undefined

  constructor({ stream, events }: PeerViewOptions) {
    this.#block = new StatusBlock(stream)
    this.#events = events
  }

  /** Shows a peer from now on, to `peer status` too, until it is closed. */
  show(face: PeerFace, address: string): void {
    this.#face = face
    const status = new StatusFile(address, (error) =>
      this.note(`peer status will not list this peer: ${error.message}`),
    )
    this.#status = status
    status.write(face.progress())
    this.#timers.push(setInterval(() => status.write(face.progress()), EVENT_MS))
    const everyMs = this.#events ? EVENT_MS : this.#block.isTerminal ? REDRAW_MS : LINE_EVERY_MS
    this.#timers.push(setInterval(() => this.refresh(), everyMs))
    if (!this.#events && this.#block.isTerminal) this.refresh()
  }

  /** Shows how the peer is doing now. */
  refresh(): void {
    if (!this.#face) return
    if (this.#events) return this.event('progress', this.#face.progress())
    const { isTerminal, width, isColoured } = this.#block
    this.#block.draw(isTerminal ? this.#face.lines(width, isColoured) : [this.#face.summary()])
  }

  /** Tells programs of an event. */
  event(event: string, fields: object): void {
    this.#events?.write(`${JSON.stringify({ event, time: new Date().toISOString(), ...fields })}\n`)
  }

  /** Tells people something, and programs by an event `note`. */
  note(text: string): void {
    if (this.#events) this.event('note', { text })
    else this.#block.note(`note: ${text}`)
  }

  /** Takes the live display away, and the peer off the list; nothing is shown from now on. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    this.#face = undefined
    this.#status?.remove()
    this.#block.erase()
  }
}
