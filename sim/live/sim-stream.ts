import { chunkIntervalMs, signedChunkBytes, type StreamManifest } from '../../peer/protocol/stream.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { StreamVerifier } from '../../peer/ports/stream-verifier.ts'
import { hexToken } from '../hash.ts'

/** A stream's chunk without bytes: its size, and in place of a signature what it would prove. */
export interface SimStreamBody extends ChunkBody {
  readonly streamId: string
  readonly number: number
  readonly isWhole: boolean
}

/** A simulated live stream: which chunk comes when, and which are its own. */
export class SimStream implements StreamVerifier {
  readonly manifest: StreamManifest
  readonly #firstChunk: number
  readonly #bytes: number
  readonly #intervalMs: number

  constructor(label: string, chunkBytes: number, rateBps: number, firstChunk = 0) {
    this.manifest = {
      contentId: hexToken(label, 64),
      name: label,
      chunkBytes,
      rateBps,
      publicKey: hexToken(`${label}/key`, 64),
    }
    this.#firstChunk = firstChunk
    this.#bytes = signedChunkBytes(this.manifest)
    this.#intervalMs = chunkIntervalMs(this.manifest)
  }

  /** When a chunk is made. */
  emissionMs(number: number): number {
    return (number - this.#firstChunk) * this.#intervalMs
  }

  body(number: number): SimStreamBody {
    return { bytes: this.#bytes, streamId: this.manifest.contentId, number, isWhole: true }
  }

  /** What a polluter sends in place of a chunk. */
  corruptBody(number: number): SimStreamBody {
    return { ...this.body(number), isWhole: false }
  }

  isGenuine(number: number, body: ChunkBody): boolean {
    const { streamId, number: made, isWhole } = body as SimStreamBody
    return isWhole && made === number && streamId === this.manifest.contentId
  }

  verify(number: number, body: ChunkBody, done: (isGenuine: boolean) => void): void {
    done(this.isGenuine(number, body))
  }
}
