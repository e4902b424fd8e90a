import { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkHeader, Message } from '../protocol/messages.ts'
import { fullNumber } from '../protocol/serial.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import { type LivePorts, type LiveSourceOptions, windowChunksOf } from './live-options.ts'
import { LiveMember } from './live-member.ts'
import type { Neighbour } from './neighbour.ts'

/**
 * A source of a live stream: takes the chunks of an encoder, numbered and signed, and hands them out. Sources of one stream
 * take the same chunks under the same numbers, so that two that emit at once do no harm; a standby is silent until its
 * neighbours hear of nothing new, then tells them of all that it has kept.
 */
export class LiveSource extends LiveMember {
  readonly #ports: LivePorts
  readonly #options: LiveSourceOptions
  readonly #windowChunks: number
  readonly #announced: ChunkSet
  #isEmitting: boolean
  /** The highest number that neighbours have told of, and when it last rose or there was first somebody to tell. */
  #newestHeard = -1
  #heardMs = NaN

  constructor(ports: LivePorts, options: LiveSourceOptions) {
    const announced = new ChunkSet(1)
    if (!options.isStandby) announced.add(0)
    super(ports, options, announced)
    this.#ports = ports
    this.#options = options
    this.#windowChunks = windowChunksOf(options)
    this.#announced = announced
    this.#isEmitting = !options.isStandby
  }

  /** Whether chunks are handed out: always, but for a standby before it takes over. */
  get isEmitting(): boolean {
    return this.#isEmitting
  }

  /** A source asks for no chunks. */
  protected override get fetcher(): undefined {
    return undefined
  }

  /** Takes the next chunk of the stream: its full number, higher than those before, and its signed body. */
  emit(number: number, body: ChunkBody): void {
    if (this.isStopped) return
    this.seekNeighbours()
    this.ring.advance(Math.max(0, number - this.#windowChunks + 1))
    if (this.#isEmitting) this.keep(number, body)
    else {
      this.ring.add(number, body)
      if (this.#ports.clock.nowMs() - this.#heardMs >= this.#options.live.takeoverMs) this.#takeOver()
    }
  }

  protected override wantsNeighbours(): boolean {
    return true
  }

  /** A silent standby holds nothing, as far as others know. */
  protected override joined(neighbour: Neighbour): void {
    if (this.#isEmitting) super.joined(neighbour)
    else if (Number.isNaN(this.#heardMs)) this.#heardMs = this.#ports.clock.nowMs()
  }

  protected override learned(): void {
    this.links.dialMore()
  }

  protected override knows(): boolean {
    return false
  }

  protected override hear(neighbour: Neighbour, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'have':
        return this.#heard(fullNumber(message.chunk, Math.max(0, this.ring.newest)))
      case 'window':
        return this.#heard(message.first + message.chunks.size - 1)
      default:
        return super.hear(neighbour, message)
    }
  }

  /** Nobody can have what the encoder has not made: such news says nothing of the stream. */
  #heard(number: number): void {
    if (this.#isEmitting || number <= this.#newestHeard || number > this.ring.newest) return
    this.#newestHeard = number
    this.#heardMs = this.#ports.clock.nowMs()
  }

  #takeOver(): void {
    this.#isEmitting = true
    this.#announced.add(0)
    for (const neighbour of this.links.list) this.tellWindow(neighbour)
    this.tracker.announce()
    this.#options.onTakeover?.()
  }
}
