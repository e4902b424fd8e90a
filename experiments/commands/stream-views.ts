import type { StreamManifest } from '../../peer/protocol/stream.ts'
import type { StreamSource } from '../../peer/live/stream-source.ts'
import type { StreamWatch, WatchFigures } from '../../peer/live/stream-watch.ts'
import { durationText } from '../text.ts'
import { bytesText, peersText, sourcesText, wrapParts } from './peer-text.ts'
import type { PeerFace } from './peer-view.ts'
import { RateMeter } from './rate-meter.ts'

/** How a source of a live stream is doing. */
export class SourceFace implements PeerFace {
  readonly #source: StreamSource
  readonly #uploadRate = new RateMeter()
  readonly #startedMs = performance.now()

  readonly #isEncoder: boolean

  /** `isEncoder`: that the media comes from a program that may have to wait. */
  constructor(source: StreamSource, isEncoder: boolean) {
    this.#source = source
    this.#isEncoder = isEncoder
  }

  summary(): string {
    return this.#parts().join(', ')
  }

  lines(width: number): string[] {
    return wrapParts(this.#parts(), width)
  }

  #parts(): string[] {
    const { mediaBytes, neighbours, isEmitting, isInputWaiting, uploadedBytes } = this.#source.figures
    const parts = [`${this.#source.manifest.name} ${isEmitting ? 'on air' : 'standing by'} ${this.#age}`]
    parts.push(`${bytesText(mediaBytes)} streamed`, peersText(neighbours))
    const bps = this.#uploadRate.of(uploadedBytes)
    if (bps > 0) parts.push(`${bytesText(bps)}/s up`)
    if (isInputWaiting && this.#isEncoder) parts.push('the encoder waits (is --rate high enough?)')
    return parts
  }

  progress(): object {
    const { figures, manifest } = this.#source
    return {
      role: 'source',
      name: manifest.name,
      ...figures,
      uploadBps: Math.round(this.#uploadRate.of(figures.uploadedBytes)),
    }
  }

  get #age(): string {
    return `for ${durationText((performance.now() - this.#startedMs) / 1000)}`
  }
}

/** How a viewer of a live stream is doing. */
export class WatchFace implements PeerFace {
  readonly #watch: StreamWatch
  readonly #rate = new RateMeter()

  constructor(watch: StreamWatch) {
    this.#watch = watch
  }

  summary(): string {
    return this.#parts().join(', ')
  }

  lines(width: number): string[] {
    return wrapParts(this.#parts(), width)
  }

  #parts(): string[] {
    const { figures, manifest } = this.#watch
    const { isPlaying, neighbours, stats } = figures
    const waiting = neighbours > 0 ? 'gathering' : 'waiting for a peer'
    const parts = [`${manifest.name} ${isPlaying ? 'playing' : waiting}`]
    const bps = this.#rate.of(stats.downloadedBytes)
    if (bps > 0) parts.push(`${bytesText(bps)}/s`)
    if (neighbours > 0) parts.push(peersText(neighbours))
    if (figures.playedChunks > 0) parts.push(continuityText(figures))
    if (stats.downloadedBytes > 0) parts.push(sourcesText(stats))
    return parts
  }

  progress(): object {
    const { figures, manifest } = this.#watch
    return {
      ...{ role: 'watch', name: manifest.name },
      ...figures,
      downloadBps: Math.round(this.#rate.of(figures.stats.downloadedBytes)),
    }
  }
}

/** How much of what was due was there: `continuity 99.5 % (3 of 600 chunks skipped)`. */
export function continuityText({
  continuity,
  playedChunks,
  skippedChunks,
  droppedBytes,
}: WatchFigures): string {
  const skipped =
    skippedChunks > 0 ? ` (${skippedChunks} of ${playedChunks + skippedChunks} chunks skipped)` : ''
  // What was not whole is not called whole by rounding.
  const percent = Math.floor(1e4 * continuity) / 100
  const dropped = droppedBytes > 0 ? `, ${bytesText(droppedBytes)} not read by the player` : ''
  return `continuity ${percent} %${skipped}${dropped}`
}

/** What an event says of a stream. */
export const streamFields = ({
  contentId,
  name,
  chunkBytes,
  rateBps,
  publicKey,
}: StreamManifest): object => ({
  ...{ contentId, name, chunkBytes, rateBps, publicKey },
})
