import { createHash } from 'node:crypto'
import type { ContentId } from '../../peer/protocol/ids.ts'
import {
  canonicalManifest,
  chunkCountOf,
  type Manifest,
  parseManifest,
} from '../../peer/protocol/manifest.ts'
import { canonicalStream, parseStream } from '../../peer/protocol/stream.ts'
import { HttpError } from './errors.ts'

export interface ContentLimits {
  readonly maxContents: number
  /** Most memory for manifests, bytes of JSON text. */
  readonly maxBytes: number
}

export const CONTENT_LIMITS: ContentLimits = { maxContents: 10_000, maxBytes: 256 * 1024 * 1024 }

/** How a content is cut into chunks. */
export interface ContentShape {
  /** Name of its file. */
  readonly name: string
  readonly totalBytes: number
  readonly chunkBytes: number
  readonly chunks: number
}

export const shapeOf = (name: string, totalBytes: number, chunkBytes: number): ContentShape => ({
  ...{ name, totalBytes, chunkBytes },
  chunks: chunkCountOf(totalBytes, chunkBytes),
})

/** The content id that a manifest must have. */
export const contentIdOf = (manifest: Omit<Manifest, 'contentId'>): ContentId =>
  sha256(canonicalManifest(manifest))

const sha256 = (text: string): ContentId => createHash('sha256').update(text).digest('hex')

/** What a registered value says, and the hash that it must have. Throws ProtocolError. */
function describe(value: unknown): {
  readonly text: string
  readonly hash: ContentId
  readonly id: ContentId
  readonly shape?: ContentShape
} {
  const isStream = typeof value === 'object' && value !== null && 'publicKey' in value
  if (isStream) {
    const stream = parseStream(value)
    return { text: JSON.stringify(stream), hash: sha256(canonicalStream(stream)), id: stream.contentId }
  }
  const manifest = parseManifest(value)
  const { contentId: id, name, totalBytes, chunkBytes } = manifest
  const shape = shapeOf(name, totalBytes, chunkBytes)
  return { text: JSON.stringify(manifest), hash: contentIdOf(manifest), id, shape }
}

/**
 * The manifests that seeds and sources of live streams have registered: soft state that they refresh. Where room ends, the
 * manifest that was registered or fetched longest ago goes.
 */
export class Contents {
  readonly #limits: ContentLimits
  /** By content, least recently used first. */
  readonly #manifests = new Map<
    ContentId,
    { readonly text: string; readonly shape: ContentShape | undefined }
  >()
  #bytes = 0

  constructor(limits: ContentLimits = CONTENT_LIMITS) {
    this.#limits = limits
  }

  get count(): number {
    return this.#manifests.size
  }

  /** Registers a manifest whose hash must be `contentId`; returns whether it was new. Throws ProtocolError and HttpError. */
  put(contentId: ContentId, value: unknown): boolean {
    const { text, hash, id, shape } = describe(value)
    if (hash !== contentId || id !== contentId)
      throw new HttpError(422, 'E_HASH', `invalid manifest: its hash is ${hash}, not ${contentId}`)
    const isNew = !this.#manifests.has(contentId)
    this.#remove(contentId)
    this.#manifests.set(contentId, { text, shape })
    this.#bytes += text.length
    for (const oldest of this.#manifests.keys()) {
      if (this.#manifests.size <= this.#limits.maxContents && this.#bytes <= this.#limits.maxBytes) break
      this.#remove(oldest)
    }
    return isNew
  }

  /** The manifest as JSON text. */
  get(contentId: ContentId): string | undefined {
    const known = this.#manifests.get(contentId)
    if (known === undefined) return undefined
    this.#manifests.delete(contentId)
    this.#manifests.set(contentId, known)
    return known.text
  }

  /** How a content is cut; undefined where it is not known, or a live stream. */
  shape(contentId: ContentId): ContentShape | undefined {
    return this.#manifests.get(contentId)?.shape
  }

  #remove(contentId: ContentId): void {
    const known = this.#manifests.get(contentId)
    if (known === undefined) return
    this.#manifests.delete(contentId)
    this.#bytes -= known.text.length
  }
}
