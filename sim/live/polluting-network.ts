import type { Address } from '../../peer/protocol/ids.ts'
import type { ChunkHeader, Message } from '../../peer/protocol/messages.ts'
import type { ChunkBody } from '../../peer/ports/chunk-store.ts'
import type { Link, LinkHandler, Network } from '../../peer/ports/network.ts'
import type { Random } from '../../peer/ports/random.ts'
import type { SimStream } from './sim-stream.ts'
import type { SimStreamBody } from './sim-stream.ts'

/** A polluter's network: some of the stream's chunks that it sends are not what they should be. */
export class PollutingNetwork implements Network {
  readonly #inner: Network
  readonly #stream: SimStream
  readonly #corruptShare: number
  readonly #random: Random

  constructor(inner: Network, stream: SimStream, corruptShare: number, random: Random) {
    this.#inner = inner
    this.#stream = stream
    this.#corruptShare = corruptShare
    this.#random = random
  }

  attach(handler: LinkHandler): void {
    this.#inner.attach(handler)
  }

  connect(remote: Address): Link {
    return this.#inner.connect(remote)
  }

  close(link: Link): void {
    this.#inner.close(link)
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    this.#inner.send(link, message)
  }

  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void {
    const isCorrupt = this.#random.next() < this.#corruptShare
    const sent = isCorrupt ? this.#stream.corruptBody((body as SimStreamBody).number) : body
    this.#inner.sendChunk(link, header, sent)
  }

  abortChunk(link: Link, requestId: number): void {
    this.#inner.abortChunk(link, requestId)
  }
}
