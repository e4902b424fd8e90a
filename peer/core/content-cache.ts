import type { ContentId } from '../protocol/ids.ts'

/** Which contents a node keeps, by when each was last used: bounded in bytes, the one unused longest goes first. */
export class ContentCache {
  readonly capacityBytes: number
  /** Bytes by content, least recently used first. */
  readonly #entries = new Map<ContentId, number>()
  #bytes = 0

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#entries.size
  }

  has(contentId: ContentId): boolean {
    return this.#entries.has(contentId)
  }

  /** The contents, least recently used first. */
  contents(): Iterable<ContentId> {
    return this.#entries.keys()
  }

  /**
   * Takes note that a content has been used and takes so many bytes now. Returns the contents that had to go for it, in the
   * order in which they went: also this one, where it alone is too large.
   */
  use(contentId: ContentId, bytes: number): ContentId[] {
    this.remove(contentId)
    this.#entries.set(contentId, bytes)
    this.#bytes += bytes
    const evicted: ContentId[] = []
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.capacityBytes) break
      this.remove(oldest)
      evicted.push(oldest)
    }
    return evicted
  }

  remove(contentId: ContentId): void {
    this.#bytes -= this.#entries.get(contentId) ?? 0
    this.#entries.delete(contentId)
  }
}
