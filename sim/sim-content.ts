import type { Digest } from '../peer/protocol/ids.ts'
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
    const digests = Array.from({ length: chunkCountOf(totalBytes, chunkBytes) }, (_, chunk) =>
      hexToken(`${label}/chunk/${chunk}`, 64),
    )
    this.#label = label
    this.manifest = { contentId: hexToken(label, 64), name: label, totalBytes, chunkBytes, digests }
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
      digest: hexToken(`${this.#label}/corrupt/${chunk}`, 64),
    })
  }
}
