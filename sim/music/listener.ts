import { ContentCache } from '../../peer/core/content-cache.ts'
import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { ContentId } from '../../peer/protocol/ids.ts'
import type { Random } from '../../peer/ports/random.ts'
import { normal } from '../normal.ts'
import { pickWeighted } from '../pick-weighted.ts'
import { meanSessionMs } from './attendance.ts'
import type { Catalogue, Recording } from './catalogue.ts'
import type { CacheConfig, MusicConfig, TierConfig } from './config.ts'
import { Person } from './person.ts'

const DAY_MS = 24 * 3_600_000

/** Somebody with a taste, a subscription, and a cache that is there from one session to the next. */
export class Listener {
  readonly label: string
  readonly tier: TierConfig
  readonly person: Person
  readonly cache: ContentCache
  /** The chunks of what is in the cache. */
  readonly #shelf = new Map<ContentId, ChunkSet>()

  constructor(label: string, config: MusicConfig, catalogue: Catalogue, random: Random) {
    const stream = random.fork('listener', label)
    this.label = label
    this.tier = pickWeighted(config.tiers, ({ weight }) => weight, stream.next())
    this.person = new Person(catalogue, config.taste, random.fork('person', label))
    this.cache = new ContentCache(cacheBytes(config.cache, stream))
    this.#remember(config, catalogue)
  }

  /** The chunks of a content in the cache; undefined where it is not there. */
  held(contentId: ContentId): ChunkSet | undefined {
    return this.#shelf.get(contentId)
  }

  /** Keeps what there is of a recording; returns the contents that had to go for it. */
  keep(recording: Recording, chunks: ChunkSet): ContentId[] {
    if (chunks.count === 0) return []
    this.#shelf.set(recording.contentId, chunks.isFull ? recording.all : chunks.clone())
    const evicted = this.cache.use(recording.contentId, recording.bytesOf(chunks))
    for (const gone of evicted) this.#shelf.delete(gone)
    return evicted
  }

  /** Loses the cache. */
  forget(): void {
    for (const contentId of [...this.cache.contents()]) this.cache.remove(contentId)
    this.#shelf.clear()
  }

  /** The recordings in the cache that were heard last, at most `count` of them. */
  lastHeard(count: number, catalogue: Catalogue): Recording[] {
    const contents = [...this.cache.contents()]
    return contents.slice(Math.max(0, contents.length - count)).flatMap((id) => catalogue.find(id) ?? [])
  }

  /** Fills the cache with what was heard in the days before. */
  #remember({ cache, attendance }: MusicConfig, catalogue: Catalogue): void {
    const sittings = Math.round(cache.historyDays * attendance.sessionsPerDay)
    // Nobody hears more in a day than there is time.
    const sittingMs = Math.min(meanSessionMs(attendance), DAY_MS / Math.max(1, attendance.sessionsPerDay))
    for (let number = 0; number < sittings; number++) {
      const sitting = this.person.sitDown(`before-${number}`)
      for (let leftMs = sittingMs; leftMs > 0;) {
        const visit = sitting.next()
        leftMs -= visit.heardShare * catalogue.lengthMs(visit.track)
        const recording = catalogue.recording(visit.track, this.tier.byteRateBps)
        this.keep(recording, recording.all)
      }
    }
  }
}

function cacheBytes(
  { diskMedianBytes, diskSigma, diskShare, leastBytes, mostBytes }: CacheConfig,
  random: Random,
): number {
  const diskBytes = diskMedianBytes * Math.exp(diskSigma * normal(random))
  return Math.round(Math.max(leastBytes, Math.min(mostBytes, diskShare * diskBytes)))
}
