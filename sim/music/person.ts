import type { Random } from '../../peer/ports/random.ts'
import type { Catalogue } from './catalogue.ts'
import type { TasteConfig } from './config.ts'

/** What a person does with one track, decided when it begins. */
export interface Visit {
  readonly track: number
  /** Whether nobody could have foreseen that it would be this track. */
  readonly isRandom: boolean
  /** Share of the track's length that is heard before the person goes on; 1 for all of it. */
  readonly heardShare: number
  /** Goes from one place to another when so much has been heard; undefined for most. */
  readonly seek: { readonly heardShare: number; readonly toShare: number } | undefined
}

/** One listener's taste: playlists of their own, and what they turn to next. */
export class Person {
  readonly #catalogue: Catalogue
  readonly #taste: TasteConfig
  readonly #random: Random
  readonly #playlists: readonly (readonly number[])[]

  constructor(catalogue: Catalogue, taste: TasteConfig, random: Random) {
    this.#catalogue = catalogue
    this.#taste = taste
    this.#random = random
    const lists = random.fork('playlists')
    this.#playlists = Array.from({ length: taste.playlists }, () => drawList(catalogue, taste, lists))
  }

  /** A stretch of listening; the same for the same label, whatever happened in others. */
  sitDown(label: string | number): Sitting {
    return new Sitting(this.#catalogue, this.#taste, this.#playlists, this.#random.fork('sitting', label))
  }
}

/** What a person hears from one sitting down to getting up: one list after the other, track by track. */
export class Sitting {
  readonly #catalogue: Catalogue
  readonly #taste: TasteConfig
  readonly #playlists: readonly (readonly number[])[]
  readonly #random: Random
  #list: readonly number[] = []
  #place = 0
  #turnsAway = true

  constructor(
    catalogue: Catalogue,
    taste: TasteConfig,
    playlists: readonly (readonly number[])[],
    random: Random,
  ) {
    this.#catalogue = catalogue
    this.#taste = taste
    this.#playlists = playlists
    this.#random = random
  }

  /** The track that follows in the list: what a client would expect to be heard next. */
  get expected(): number {
    return this.#list[(this.#place + 1) % this.#list.length]
  }

  next(): Visit {
    const isRandom = this.#turnsAway
    if (isRandom) this.#choose()
    else this.#place = (this.#place + 1) % this.#list.length
    return this.#visit(isRandom)
  }

  /** Turns to a place in an own playlist, or to something that others hear. */
  #choose(): void {
    const { ownShare } = this.#taste
    const isOwn = this.#playlists.length > 0 && this.#random.next() < ownShare
    this.#list = isOwn
      ? this.#playlists[this.#random.below(this.#playlists.length)]
      : drawList(this.#catalogue, this.#taste, this.#random)
    this.#place = this.#random.below(this.#list.length)
  }

  #visit(isRandom: boolean): Visit {
    const { randomShare, forwardShare, seekShare } = this.#taste
    this.#turnsAway = this.#random.next() < randomShare
    const goesForward = this.#random.next() < forwardShare
    const share = this.#random.next()
    const heardShare = this.#turnsAway || goesForward ? share : 1
    const seeks = this.#random.next() < seekShare
    const [atShare, toShare] = [this.#random.next(), this.#random.next()]
    return {
      track: this.#list[this.#place],
      isRandom,
      heardShare,
      seek: seeks ? { heardShare: atShare * heardShare, toShare } : undefined,
    }
  }
}

/** Different tracks by popularity; fewer where the catalogue is smaller. */
function drawList(catalogue: Catalogue, { playlistTracks }: TasteConfig, random: Random): number[] {
  const tracks = new Set<number>()
  const wanted = Math.min(playlistTracks, catalogue.count)
  // A skewed law gives its head again and again: what it does not give in time is taken from the whole catalogue.
  for (let tries = 0; tracks.size < wanted; tries++)
    tracks.add(
      tries < 20 * wanted ? catalogue.popularity.rankAt(random.next()) : random.below(catalogue.count),
    )
  return [...tracks]
}
