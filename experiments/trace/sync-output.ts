import { closeSync, openSync, writeSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BLOCK_CHARACTERS = 1 << 20
const STDOUT = 1
const RETRY_MS = 5

/** Nobody reads any more. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
  readonly code = 'E_OUTPUT_CLOSED'
}

/**
 * Lines to a file or to standard output, written in blocks and at once: a simulation leaves no room for anything else. What
 * is gzipped is one member a block.
 */
export class SyncOutput {
  readonly #fd: number
  readonly #gzips: boolean
  #lines: string[] = []
  #characters = 0

  private constructor(fd: number, gzips: boolean) {
    this.#fd = fd
    this.#gzips = gzips
  }

  /** Replaces the file; gzips where its name ends in `.gz`. */
  static toFile(path: string): SyncOutput {
    return new SyncOutput(openSync(path, 'w'), path.endsWith('.gz'))
  }

  static toStdout(): SyncOutput {
    return new SyncOutput(STDOUT, false)
  }

  /** Throws OutputClosedError. */
  line(text: string): void {
    this.#lines.push(text)
    this.#characters += text.length
    if (this.#characters >= BLOCK_CHARACTERS) this.flush()
  }

  flush(): void {
    if (this.#lines.length === 0) return
    const block = Buffer.from(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#characters = 0
    this.#write(this.#gzips ? gzipSync(block) : block)
  }

  /** Writes what is left; harmless where nobody reads any more. */
  close(): void {
    try {
      this.flush()
    } catch (error) {
      if (!(error instanceof OutputClosedError)) throw error
    }
    if (this.#fd !== STDOUT) closeSync(this.#fd)
  }

  #write(block: Buffer): void {
    for (let at = 0; at < block.length;)
      try {
        at += writeSync(this.#fd, block, at)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EPIPE')
          throw new OutputClosedError('nobody reads the output any more', { cause: error })
        if (code !== 'EAGAIN') throw error
        // The reader of a pipe is slower than the simulation.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      }
  }
}
