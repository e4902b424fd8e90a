import type { Readable } from 'node:stream'
import { HttpError } from './errors.ts'

/** A file that the origin has. */
export interface OriginFile {
  readonly bytes: number
  /** The bytes from `first` to `last`, both included. The stream fails where the origin does. */
  read(first: number, last: number): Promise<Readable>
  close(): Promise<void>
}

/** Where chunks come from that no peer holds. */
export interface Origin {
  /** Where it is, for messages. */
  readonly where: string
  /** Undefined where it has no such file. Rejects with HttpError where it can't be asked. */
  open(name: string): Promise<OriginFile | undefined>
}

export const MOST_OPEN = 256

/** Whether a name is that of a file right in the origin's folder: no path, nothing hidden. */
export const isOriginName = (name: string): boolean => /^[^./\\\0][^/\\\0]{0,254}$/.test(name)

/** An origin of which no more than so many files are open at once. */
export class BoundedOrigin implements Origin {
  readonly where: string
  readonly #origin: Origin
  readonly #most: number
  #open = 0

  constructor(origin: Origin, most = MOST_OPEN) {
    this.where = origin.where
    this.#origin = origin
    this.#most = most
  }

  async open(name: string): Promise<OriginFile | undefined> {
    if (!isOriginName(name)) return undefined
    if (this.#open >= this.#most)
      throw new HttpError(503, 'E_ORIGIN_BUSY', `the origin is busy (${this.#most} downloads at most)`, 1)
    this.#open++
    let file: OriginFile | undefined
    try {
      file = await this.#origin.open(name)
    } finally {
      if (!file) this.#open--
    }
    return file && this.#counted(file)
  }

  #counted(file: OriginFile): OriginFile {
    let isOpen = true
    return {
      bytes: file.bytes,
      read: (first, last) => file.read(first, last),
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.#open--
        await file.close()
      },
    }
  }
}
