import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { ContentId } from '../../peer/protocol/ids.ts'
import { chunkCountOf } from '../../peer/protocol/manifest.ts'
import type { Random } from '../../peer/ports/random.ts'
import { normal } from '../normal.ts'
import { SimContent, contentIdOf } from '../sim-content.ts'
import type { CatalogueConfig } from './config.ts'
import { Popularity } from './popularity.ts'

/** A track at one byte rate: what is fetched, kept and served. Its content is made when it is first looked into. */
export class Recording {
  /** Number of the track: its rank by popularity, from 0. */
  readonly track: number
  readonly byteRateBps: number
  readonly contentId: ContentId
  readonly totalBytes: number
  readonly chunkBytes: number
  readonly #label: string
  #content: SimContent | undefined
  #all: ChunkSet | undefined

  constructor(label: string, track: number, byteRateBps: number, totalBytes: number, chunkBytes: number) {
    this.track = track
    this.byteRateBps = byteRateBps
    this.contentId = contentIdOf(label)
    this.totalBytes = totalBytes
    this.chunkBytes = chunkBytes
    this.#label = label
  }

  get content(): SimContent {
    return (this.#content ??= new SimContent(this.#label, this.totalBytes, this.chunkBytes))
  }

  get chunkCount(): number {
    return chunkCountOf(this.totalBytes, this.chunkBytes)
  }

  /** The set of all chunks; not to be changed. */
  get all(): ChunkSet {
    return (this.#all ??= ChunkSet.full(this.chunkCount))
  }

  bytesOf(chunks: ChunkSet): number {
    return Math.min(chunks.count * this.chunkBytes, this.totalBytes)
  }
}

/** The tracks, most popular first; their contents are made when somebody first wants them. */
export class Catalogue {
  /** How many tracks the top of the catalogue is, whose share of the plays is known. */
  readonly topCount: number
  readonly popularity: Popularity
  readonly #lengthsS: Float64Array
  readonly #seed: string
  readonly #chunkBytes: number
  readonly #recordings = new Map<string, Recording>()
  readonly #byId = new Map<ContentId, Recording>()

  constructor(config: CatalogueConfig, chunkBytes: number, seed: string, random: Random) {
    const { tracks, topShare, playsShare, shift, medianS, sigma, leastS, mostS } = config
    this.topCount = Math.max(1, Math.round(topShare * tracks))
    this.popularity = Popularity.skewed(tracks, shift, topShare, playsShare)
    this.#lengthsS = Float64Array.from({ length: tracks }, () =>
      Math.max(leastS, Math.min(mostS, medianS * Math.exp(sigma * normal(random)))),
    )
    this.#seed = seed
    this.#chunkBytes = chunkBytes
  }

  get count(): number {
    return this.#lengthsS.length
  }

  lengthMs(track: number): number {
    return 1000 * this.#lengthsS[track]
  }

  recording(track: number, byteRateBps: number): Recording {
    const label = `${this.#seed}/track-${track}/${byteRateBps}`
    let recording = this.#recordings.get(label)
    if (!recording) {
      const totalBytes = Math.round(this.#lengthsS[track] * byteRateBps)
      recording = new Recording(label, track, byteRateBps, totalBytes, this.#chunkBytes)
      this.#recordings.set(label, recording)
      this.#byId.set(recording.contentId, recording)
    }
    return recording
  }

  find(contentId: ContentId): Recording | undefined {
    return this.#byId.get(contentId)
  }
}
