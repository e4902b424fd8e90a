import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { readExactly, writeFully } from './file-io.ts'

/** Files that are held open at once. */
const MOST_OPEN = 64

/** One file of a content: its path below the content's folder, and where it begins in the content. */
export interface FileSpan {
  readonly path: string
  readonly bytes: number
  readonly offset: number
}

interface Opened {
  readonly handle: Promise<FileHandle>
  uses: number
}

/** The bytes of a content as they lie in one file, or in several one after the other. */
export class ContentFiles {
  /** The file, or the folder of the files. */
  root: string
  readonly #spans: readonly FileSpan[]
  readonly #isFolder: boolean
  readonly #flags: number
  /** By index, the least recently used first. */
  readonly #opened = new Map<number, Opened>()

  /** `spans` undefined: a single file. */
  constructor(
    root: string,
    totalBytes: number,
    spans: readonly FileSpan[] | undefined,
    mode: 'read' | 'write',
  ) {
    this.root = root
    this.#isFolder = spans !== undefined
    this.#spans = spans ?? [{ path: '', bytes: totalBytes, offset: 0 }]
    this.#flags = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT
  }

  /** Makes all files, at their full sizes. */
  async allocate(): Promise<void> {
    for (const [index, { bytes }] of this.#spans.entries()) {
      await makeFolder(dirname(this.#pathOf(index)))
      await this.#use(index, (file) => file.truncate(bytes))
    }
  }

  /** Whether all files are there and none has another size. */
  async fit(): Promise<boolean> {
    try {
      for (const [index, { bytes }] of this.#spans.entries())
        if ((await this.#use(index, (file) => file.stat())).size !== bytes) return false
      return true
    } catch (error) {
      if (/^(ENOENT|ENOTDIR|EISDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return false
      throw error
    }
  }

  /** Rejects where a file ends before. */
  async read(position: number, bytes: number): Promise<Uint8Array> {
    const parts = partsOf(this.#spans, position, bytes)
    if (parts.length === 1)
      return this.#use(parts[0].index, (file) => readExactly(file, parts[0].position, bytes))
    const data: Buffer[] = []
    for (const { index, position, bytes } of parts)
      data.push(await this.#use(index, (file) => readExactly(file, position, bytes)))
    return Buffer.concat(data)
  }

  async write(data: Uint8Array, position: number): Promise<void> {
    for (const part of partsOf(this.#spans, position, data.length)) {
      const bytes = data.subarray(part.from, part.from + part.bytes)
      await this.#use(part.index, (file) => writeFully(file, bytes, part.position))
    }
  }

  /** Resolves when all that was written is on the disk. */
  async sync(): Promise<void> {
    for (const index of this.#spans.keys()) await this.#use(index, (file) => file.datasync())
  }

  async close(): Promise<void> {
    const opened = [...this.#opened.values()]
    this.#opened.clear()
    await Promise.all(opened.map(async ({ handle }) => (await handle.catch(() => undefined))?.close()))
  }

  async #use<T>(index: number, operation: (file: FileHandle) => Promise<T>): Promise<T> {
    let opened = this.#opened.get(index)
    if (opened) this.#opened.delete(index)
    else opened = { handle: open(this.#pathOf(index), this.#flags), uses: 0 }
    this.#opened.set(index, opened)
    opened.uses++
    try {
      return await operation(await opened.handle)
    } finally {
      opened.uses--
      await this.#closeSome()
    }
  }

  async #closeSome(): Promise<void> {
    for (const [index, { handle, uses }] of this.#opened) {
      if (this.#opened.size <= MOST_OPEN) return
      if (uses > 0) continue
      this.#opened.delete(index)
      await (await handle.catch(() => undefined))?.close()
    }
  }

  #pathOf(index: number): string {
    return this.#isFolder ? join(this.root, this.#spans[index].path) : this.root
  }
}

/** A stretch of one file. */
export interface FilePart {
  /** Index of the file. */
  readonly index: number
  /** Where the stretch begins in its file, and where in the whole of the stretches. */
  readonly position: number
  readonly from: number
  readonly bytes: number
}

/** The files in which `bytes` bytes from a position of the content lie. */
export function partsOf(spans: readonly FileSpan[], position: number, bytes: number): FilePart[] {
  const parts: FilePart[] = []
  const end = position + bytes
  for (let index = indexAt(spans, position); index < spans.length && spans[index].offset < end; index++) {
    const { offset, bytes: length } = spans[index]
    const from = Math.max(offset, position)
    const until = Math.min(offset + length, end)
    if (until > from)
      parts.push({ index, position: from - offset, from: from - position, bytes: until - from })
  }
  return parts
}

/** The first file that does not end before a position. */
function indexAt(spans: readonly FileSpan[], position: number): number {
  let low = 0
  let high = spans.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (spans[middle].offset + spans[middle].bytes > position) high = middle
    else low = middle + 1
  }
  return low
}
