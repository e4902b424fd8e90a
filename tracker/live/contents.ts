import { createHash } from 'node:crypto'
import type { ContentId } from '../../peer/protocol/ids.ts'
import { canonicalManifest, type Manifest, parseManifest } from '../../peer/protocol/manifest.ts'
import { HttpError } from './errors.ts'

export interface ContentLimits {
  readonly maxContents: number
  /** Most memory for manifests, bytes of JSON text. */
  readonly maxBytes: number
}

export const CONTENT_LIMITS: ContentLimits = { maxContents: 10_000, maxBytes: 256 * 1024 * 1024 }

/** The content id that a manifest must have. */
export const contentIdOf = (manifest: Omit<Manifest, 'contentId'>): ContentId =>
  createHash('sha256').update(canonicalManifest(manifest)).digest('hex')

/**
 * The manifests that seeds have registered: soft state that seeds refresh. Where room ends, the manifest that was
 * registered or fetched longest ago goes.
 */
export class Contents {
  readonly #limits: ContentLimits
  /** JSON by content, least recently used first. */
  readonly #manifests = new Map<ContentId, string>()
  #bytes = 0

  constructor(limits: ContentLimits = CONTENT_LIMITS) {
    this.#limits = limits
  }

  get count(): number {
    return this.#manifests.size
  }

  /** Registers a manifest whose hash must be `contentId`; returns whether it was new. Throws ProtocolError and HttpError. */
  put(contentId: ContentId, value: unknown): boolean {
    const manifest = parseManifest(value)
    const hash = contentIdOf(manifest)
    if (hash !== contentId || manifest.contentId !== contentId)
      throw new HttpError(422, 'E_HASH', `invalid manifest: its hash is ${hash}, not ${contentId}`)
    const text = JSON.stringify(manifest)
    const isNew = !this.#manifests.has(contentId)
    this.#remove(contentId)
    this.#manifests.set(contentId, text)
    this.#bytes += text.length
    for (const oldest of this.#manifests.keys()) {
      if (this.#manifests.size <= this.#limits.maxContents && this.#bytes <= this.#limits.maxBytes) break
      this.#remove(oldest)
    }
    return isNew
  }

  /** The manifest as JSON text. */
  get(contentId: ContentId): string | undefined {
    const text = this.#manifests.get(contentId)
    if (text === undefined) return undefined
    this.#manifests.delete(contentId)
    this.#manifests.set(contentId, text)
    return text
  }

  #remove(contentId: ContentId): void {
    const text = this.#manifests.get(contentId)
    if (text === undefined) return
    this.#manifests.delete(contentId)
    this.#bytes -= text.length
  }
}
