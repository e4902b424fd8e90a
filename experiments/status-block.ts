import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

/** Where progress is shown. */
export type ProgressStream = Pick<WriteStream, 'write'> & {
  readonly isTTY?: boolean
  readonly columns?: number
  /** Whether it shows colours, as far as it and the environment (NO_COLOR, TERM) tell. */
  hasColors?(): boolean
}

/** Lines at the end of a terminal that are drawn again and again; anything else written goes above them. */
export class StatusBlock {
  readonly #stream: ProgressStream
  #lines = 0

  constructor(stream: ProgressStream) {
    this.#stream = stream
  }

  /** Columns that a line may take. */
  get width(): number {
    return (this.#stream.columns || 80) - 1
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  get isColoured(): boolean {
    return this.isTerminal && this.#stream.hasColors?.() === true
  }

  /** Shows lines in the place of those before, each cut to the width; where there is no terminal they just follow. */
  draw(lines: readonly string[]): void {
    this.erase()
    const shown = this.isTerminal ? lines.map((line) => cut(line, this.width)) : lines
    this.#stream.write(shown.map((line) => `${line}\n`).join(''))
    this.#lines = this.isTerminal ? lines.length : 0
  }

  /** Writes a line that stays. */
  note(text: string): void {
    this.erase()
    this.#stream.write(`${text}\n`)
  }

  erase(): void {
    if (this.#lines === 0) return
    // What was typed meanwhile, ^C for one, has moved the cursor to the right.
    cursorTo(this.#stream as WriteStream, 0)
    moveCursor(this.#stream as WriteStream, 0, -this.#lines)
    clearScreenDown(this.#stream as WriteStream)
    this.#lines = 0
  }
}

/** A line that is too long loses its colours with its end. */
function cut(line: string, width: number): string {
  const visible = stripVTControlCharacters(line)
  return visible.length > width ? visible.slice(0, width) : line
}
