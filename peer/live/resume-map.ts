import { constants, open, rm, type FileHandle } from 'node:fs/promises'
import { ChunkSet } from '../protocol/chunk-set.ts'
import type { ContentId } from '../protocol/ids.ts'
import { writeFully } from './file-io.ts'

const MAGIC = 'seedbed-resume-1'

/**
 * The file beside a partial download that says which chunks were written. It only claims: whoever resumes hashes the
 * claimed chunks again, so that it needs no care when a process is killed.
 */
export class ResumeMap {
  /** What the file is about; undefined where it is new or torn. */
  readonly contentId: ContentId | undefined
  /** The chunks that were claimed when the file was opened. */
  readonly claimed: ChunkSet
  readonly #path: string
  readonly #file: FileHandle
  readonly #chunks: ChunkSet
  readonly #header: Buffer
  #isDirty = false
  #writing: Promise<void> | undefined

  private constructor(path: string, file: FileHandle, header: Buffer, old: Buffer, size: number) {
    this.#path = path
    this.#file = file
    this.#header = header
    const isWhole = old.length === header.length + ((size + 7) >>> 3)
    const isSame = isWhole && old.subarray(0, header.length).equals(header)
    this.contentId = new RegExp(`^${MAGIC}\n([0-9a-f]{40}|[0-9a-f]{64})\n`).exec(old.toString('latin1'))?.[1]
    const claimed = isSame ? ChunkSet.fromBytes(old.subarray(header.length), size) : undefined
    this.claimed = claimed ?? new ChunkSet(size)
    this.#chunks = new ChunkSet(size)
  }

  static async open(path: string, contentId: ContentId, size: number): Promise<ResumeMap> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT)
    const header = Buffer.from(`${MAGIC}\n${contentId}\n`)
    return new ResumeMap(path, file, header, await file.readFile(), size)
  }

  /** Claims chunks, and from the first call on none but those claimed since. Resolves when that is written. */
  async add(...chunks: readonly number[]): Promise<void> {
    for (const chunk of chunks) this.#chunks.add(chunk)
    this.#isDirty = true
    this.#writing ??= this.#write()
    await this.#writing
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => undefined)
    await this.#file.close()
  }

  /** Deletes the file. */
  async remove(): Promise<void> {
    await this.close()
    await rm(this.#path, { force: true })
  }

  /** One write at a time, the newest state, so that an older one never lands on top. */
  async #write(): Promise<void> {
    try {
      while (this.#isDirty) {
        this.#isDirty = false
        await writeFully(this.#file, Buffer.concat([this.#header, this.#chunks.toBytes()]), 0)
      }
    } finally {
      this.#writing = undefined
    }
  }
}
