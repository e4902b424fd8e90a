import type { ChunkSet } from '../protocol/chunk-set.ts'
import type { Digest } from '../protocol/ids.ts'

/**
 * A chunk's data as the cores see it: opaque, of known size. Only the store and the network of one world look inside;
 * in simulation there are no bytes in it.
 */
export interface ChunkBody {
  readonly bytes: number
}

/** Where one content's chunks are kept. Answers may come during the call or later. */
export interface ChunkStore {
  /** The chunks that were there when the store was opened. */
  readonly initial: ChunkSet
  /** Reads a chunk that is in the store. `undefined` means that it can't be read any more. */
  read(chunk: number, done: (body: ChunkBody | undefined) => void): void
  /** The digest of a body: SHA-256 of its bytes live, a token in simulation. */
  digest(body: ChunkBody, done: (digest: Digest) => void): void
  /** Keeps a verified chunk. `false` means that it could not be kept. */
  write(chunk: number, body: ChunkBody, done: (kept: boolean) => void): void
}
