import { ChunkSet } from '../peer/protocol/chunk-set.ts'
import type { Digest } from '../peer/protocol/ids.ts'
import type { ChunkBody, ChunkStore } from '../peer/ports/chunk-store.ts'
import type { Random } from '../peer/ports/random.ts'
import type { Audit } from './invariants.ts'
import type { SimChunkBody, SimContent } from './sim-content.ts'

/** The ChunkStore port of one simulated node: remembers which chunks it holds, and checks what it is given to keep. */
export class SimChunkStore implements ChunkStore {
  readonly initial: ChunkSet
  readonly kept: ChunkSet
  readonly #content: SimContent
  readonly #audit: Audit
  readonly #owner: string

  /** `held`: all chunks, none, or those. */
  constructor(content: SimContent, held: boolean | ChunkSet, owner: string, audit: Audit) {
    if (typeof held !== 'boolean') this.initial = held.clone()
    else this.initial = held ? ChunkSet.full(content.chunkCount) : new ChunkSet(content.chunkCount)
    this.kept = this.initial.clone()
    this.#content = content
    this.#audit = audit
    this.#owner = owner
  }

  /** What the next session of the same peer finds: all that has been kept. */
  reopened(): SimChunkStore {
    return new SimChunkStore(this.#content, this.kept, this.#owner, this.#audit)
  }

  read(chunk: number, done: (body: ChunkBody | undefined) => void): void {
    done(this.kept.has(chunk) ? this.#content.body(chunk) : undefined)
  }

  digest(body: ChunkBody, done: (digest: Digest) => void): void {
    done((body as SimChunkBody).digest)
  }

  write(chunk: number, body: ChunkBody, done: (kept: boolean) => void): void {
    const truth = this.#content.body(chunk)
    if ((body as SimChunkBody).digest !== truth.digest || body.bytes !== truth.bytes)
      this.#audit.violate(
        'no chunk accepted with a wrong digest',
        `${this.#owner} keeps a bad chunk ${chunk}`,
      )
    if (!this.kept.add(chunk))
      this.#audit.violate('no fetch completes twice', `${this.#owner} keeps chunk ${chunk} again`)
    done(true)
  }
}

/** A polluter's store: some of the chunks that it hands out are not what they should be. */
export class PollutingStore implements ChunkStore {
  readonly #inner: SimChunkStore
  readonly #content: SimContent
  readonly #corruptShare: number
  readonly #random: Random

  constructor(inner: SimChunkStore, content: SimContent, corruptShare: number, random: Random) {
    this.#inner = inner
    this.#content = content
    this.#corruptShare = corruptShare
    this.#random = random
  }

  get initial(): ChunkSet {
    return this.#inner.initial
  }

  read(chunk: number, done: (body: ChunkBody | undefined) => void): void {
    const isCorrupt = this.#random.next() < this.#corruptShare
    this.#inner.read(chunk, (body) => done(body && isCorrupt ? this.#content.corruptBody(chunk) : body))
  }

  digest(body: ChunkBody, done: (digest: Digest) => void): void {
    this.#inner.digest(body, done)
  }

  write(chunk: number, body: ChunkBody, done: (kept: boolean) => void): void {
    this.#inner.write(chunk, body, done)
  }
}
