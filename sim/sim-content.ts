import type { ContentId, Digest } from '../peer/protocol/ids.ts'
import { type Manifest, chunkCountOf, chunkSize } from '../peer/protocol/manifest.ts'
import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import { hexToken } from './hash.ts'

/** A chunk without bytes: its size, and a token in place of a digest. */
export interface SimChunkBody extends ChunkBody {
  readonly digest: Digest
}

/** A simulated content: its manifest, and one body per chunk that all holders share. */
export class SimContent {
  readonly manifest: Manifest
  readonly #bodies: readonly SimChunkBody[]
  readonly #corrupt: (SimChunkBody | undefined)[] = []
  readonly #label: string

  constructor(label: string, totalBytes: number, chunkBytes: number) {
    const digestOf = digestsOf(`${label}/chunk`)
    const digests = Array.from({ length: chunkCountOf(totalBytes, chunkBytes) }, (_, chunk) =>
      digestOf(chunk),
    )
    this.#label = label
    this.manifest = { contentId: contentIdOf(label), name: label, totalBytes, chunkBytes, digests }
    this.#bodies = digests.map((digest, chunk) => ({ bytes: chunkSize(this.manifest, chunk), digest }))
  }

  get chunkCount(): number {
    return this.#bodies.length
  }

  body(chunk: number): SimChunkBody {
    return this.#bodies[chunk]
  }

  /** What a polluter sends in place of a chunk. */
  corruptBody(chunk: number): SimChunkBody {
    return (this.#corrupt[chunk] ??= {
      bytes: this.#bodies[chunk].bytes,
      digest: digestsOf(`${this.#label}/corrupt`)(chunk),
    })
  }
}

/** Identifier of the content of a label. */
export const contentIdOf = (label: string): ContentId => hexToken(label, 64)

/** Tokens that share all but their last digits: a catalogue has millions of chunks. */
function digestsOf(label: string): (chunk: number) => Digest {
  const prefix = hexToken(label, 56)
  return (chunk) => prefix + chunk.toString(16).padStart(8, '0')
}
