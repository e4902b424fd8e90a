import type { ChunkBody } from '../ports/chunk-store.ts'

/** A chunk's bytes. */
export class LiveBody implements ChunkBody {
  readonly data: Uint8Array

  constructor(data: Uint8Array) {
    this.data = data
  }

  get bytes(): number {
    return this.data.length
  }
}

/** The bytes of a body that came from this world's store or network. */
export function dataOf(body: ChunkBody): Uint8Array {
  if (!(body instanceof LiveBody)) throw new TypeError('invalid chunk body: made by another world')
  return body.data
}
