import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { OutcomesRefusedError } from '../../peer/ports/outcome-sink.ts'
import { FileLock } from './file-lock.ts'
import { syncPath } from './folder-sync.ts'
import { headerLine } from './journal-format.ts'

export interface JournalOptions {
  /** Bytes on disk and in memory above which rows are refused. */
  readonly maxBytes: number
  /** A segment of this size is closed. */
  readonly segmentBytes: number
  /** Told when a segment was closed for its size. */
  readonly onSegment?: () => void
}

/** Bytes that wait for the disk, at most. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024
/** Journals of one folder, at most: one a process. */
const MAX_SLOTS = 256
/** When to try again: after a full queue (it has to drain), after a busy or a full disk. */
const QUEUE_RETRY_MS = 30_000
const BUSY_RETRY_MS = 1_000
const DISK_RETRY_MS = 10_000

const READ_ONLY: JournalOptions = { maxBytes: 0, segmentBytes: 0 }

/** A file of the journal that no row is added to any more. */
export interface Segment {
  readonly path: string
  readonly bytes: number
}

interface Waiting {
  readonly data: Buffer
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * Lines in files of one folder, each file append-only. `append` resolves when its lines are on stable storage; calls that
 * come while the disk is busy share the next write and fsync (group commit).
 */
export class Journal {
  readonly folder: string
  readonly #lock: FileLock
  readonly #options: JournalOptions
  #next: number
  #segments: Segment[]
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #segmentBytes = 0
  /** Where lines go, and how much of it is on stable storage. */
  #active: { readonly path: string; readonly handle: FileHandle; bytes: number } | undefined
  #work: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(folder: string, lock: FileLock, segments: Segment[], options: JournalOptions) {
    this.folder = folder
    this.#lock = lock
    this.#options = options
    this.#segments = segments
    this.#segmentBytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#next = 1 + Math.max(0, ...segments.map(({ path }) => Number.parseInt(basename(path), 10)))
  }

  /** The first journal under a folder that no process has, with what an earlier process has left there. */
  static async open(root: string, options: JournalOptions): Promise<Journal> {
    for (let slot = 0; slot < MAX_SLOTS; slot++) {
      const journal = await Journal.#take(join(root, String(slot)), options)
      if (journal) return journal
    }
    throw new RangeError(`invalid journal folder: ${root} (all ${MAX_SLOTS} journals in it are in use)`)
  }

  /** Journals under a folder that hold rows and that no process has. */
  static async orphans(root: string): Promise<Journal[]> {
    const journals = []
    for (const name of await readdir(root).catch(() => [])) {
      const folder = join(root, name)
      if (!/^\d+$/.test(name) || (await segmentsOf(folder)).length === 0) continue
      const journal = await Journal.#take(folder, READ_ONLY)
      if (journal) journals.push(journal)
    }
    return journals
  }

  static async #take(folder: string, options: JournalOptions): Promise<Journal | undefined> {
    const lock = await FileLock.take(join(folder, 'lock'))
    return lock && new Journal(folder, lock, await segmentsOf(folder), options)
  }

  /** Bytes that wait for the store or for the disk. */
  get bytes(): number {
    return this.#segmentBytes + (this.#active?.bytes ?? 0) + this.#waitingBytes
  }

  /** Closed segments, the oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments
  }

  /** Resolves when the lines are on stable storage; rejects with OutcomesRefusedError where they could not be put there. */
  async append(lines: string): Promise<void> {
    const data = Buffer.from(lines)
    this.#checkRoom(data.length)
    this.#waitingBytes += data.length
    return new Promise((resolve, reject) => {
      this.#waiting.push({ data, resolve, reject })
      if (this.#waiting.length === 1) void this.#queue(() => this.#commit())
    })
  }

  /** Closes the segment that is being written, so that all that was acknowledged is in closed ones. */
  roll(): Promise<void> {
    return this.#queue(() => this.#closeActive())
  }

  /** Removes a segment that the store has. */
  async remove(segment: Segment): Promise<void> {
    await rm(segment.path, { force: true })
    this.#forget(segment)
  }

  /** Takes a segment out of the queue and keeps its file under another name, which it returns. */
  async setAside(segment: Segment): Promise<string> {
    const path = segment.path.replace(/journal$/, 'damaged')
    await rename(segment.path, path)
    this.#forget(segment)
    return path
  }

  /** Waits for the rows that are on their way; none is taken afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.roll()
    this.#lock.release()
  }

  #forget(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment)
    this.#segmentBytes -= segment.bytes
  }

  #checkRoom(bytes: number): void {
    const { maxBytes } = this.#options
    if (this.#isClosed)
      throw new OutcomesRefusedError('E_OUTCOMES_CLOSED', 'the tracker is stopping', BUSY_RETRY_MS)
    if (this.bytes + bytes > maxBytes)
      throw new OutcomesRefusedError(
        'E_OUTCOMES_QUEUE_FULL',
        `outcomes are refused: ${this.bytes} bytes wait for the store in ${this.folder} (at most ${maxBytes}; see that the store can be reached)`,
        QUEUE_RETRY_MS,
      )
    if (this.#waitingBytes + bytes > MAX_PENDING_BYTES)
      throw new OutcomesRefusedError(
        'E_OUTCOMES_QUEUE_FULL',
        `outcomes are refused: ${this.#waitingBytes} bytes wait for the disk of ${this.folder}`,
        BUSY_RETRY_MS,
      )
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#work.then(work)
    this.#work = next.catch(() => undefined)
    return next
  }

  async #commit(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    const data = Buffer.concat(group.map((one) => one.data))
    try {
      this.#active ??= await this.#createSegment()
      await writeAll(this.#active.handle, data, this.#active.bytes)
      await this.#active.handle.datasync()
    } catch (cause) {
      this.#waitingBytes -= data.length
      await this.#abandon()
      const error = new OutcomesRefusedError(
        'E_OUTCOMES_DISK',
        `outcomes can't be written to ${this.folder}: ${(cause as Error).message} (is the disk full?)`,
        DISK_RETRY_MS,
        { cause },
      )
      for (const { reject } of group) reject(error)
      return
    }
    this.#active.bytes += data.length
    this.#waitingBytes -= data.length
    for (const { resolve } of group) resolve()
    if (this.#active.bytes < this.#options.segmentBytes) return
    await this.#closeActive()
    this.#options.onSegment?.()
  }

  async #createSegment(): Promise<{ path: string; handle: FileHandle; bytes: number }> {
    const path = join(this.folder, `${String(this.#next).padStart(8, '0')}.journal`)
    const handle = await open(path, 'wx')
    this.#next++
    try {
      const header = Buffer.from(headerLine())
      await writeAll(handle, header, 0)
      await handle.datasync()
      await syncPath(this.folder)
      return { path, handle, bytes: header.length }
    } catch (error) {
      await handle.close()
      await rm(path, { force: true })
      throw error
    }
  }

  async #closeActive(): Promise<void> {
    const active = this.#active
    if (!active) return
    this.#active = undefined
    this.#segments.push({ path: active.path, bytes: active.bytes })
    this.#segmentBytes += active.bytes
    await active.handle.close()
  }

  // What a failed write has left after the last acknowledged line goes, where the disk lets it: readers drop it otherwise.
  async #abandon(): Promise<void> {
    const active = this.#active
    if (!active) return
    await active.handle.truncate(active.bytes).catch(() => undefined)
    await this.#closeActive().catch(() => undefined)
  }
}

async function writeAll(handle: FileHandle, data: Buffer, at: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, at + done)
    done += bytesWritten
  }
}

async function segmentsOf(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => /^\d{8,}\.journal$/.test(name))
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { path, bytes: (await stat(path)).size }
    }),
  )
}
