import type { ChunkHeader } from '../../peer/protocol/messages.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { Link, Network } from '../../peer/ports/network.ts'
import type { Random } from '../../peer/ports/random.ts'
import { NetworkFilter } from '../faults/network-filter.ts'
import type { SimStream, SimStreamBody } from './sim-stream.ts'

/** A polluter's network: some of the stream's chunks that it sends are not what they should be. */
export class PollutingNetwork extends NetworkFilter {
  readonly #stream: SimStream
  readonly #corruptShare: number
  readonly #random: Random

  constructor(inner: Network, stream: SimStream, corruptShare: number, random: Random) {
    super(inner)
    this.#stream = stream
    this.#corruptShare = corruptShare
    this.#random = random
  }

  override sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    const isCorrupt = this.#random.next() < this.#corruptShare
    super.sendChunk(link, header, isCorrupt ? this.#stream.corruptBody((body as SimStreamBody).number) : body)
  }
}
