import { PLAYBACK_DEFAULTS, type PlaybackSettings } from '../../peer/core/playback-demand.ts'
import { PLAYER_DEFAULTS, type PlayerSettings } from '../../peer/core/player.ts'
import { ROUTER_DEFAULTS, type RouterSettings } from '../../peer/core/content-router.ts'

/** What there is to hear, and how unevenly it is heard. */
export interface CatalogueConfig {
  readonly tracks: number
  /** The `topShare` most popular tracks are drawn for `playsShare` of the plays; the exponent of the Zipf–Mandelbrot law follows from it. */
  readonly topShare: number
  readonly playsShare: number
  /** Shift q of that law, weight(rank) = 1 / (rank + q)^s. */
  readonly shift: number
  /** Lengths are log-normal, cut to the bounds. */
  readonly medianS: number
  readonly sigma: number
  readonly leastS: number
  readonly mostS: number
}

/** A kind of subscription. */
export interface TierConfig {
  readonly name: string
  readonly weight: number
  /** Bytes of one second of what its members hear. */
  readonly byteRateBps: number
}

/** When people listen, and for how long. */
export interface AttendanceConfig {
  readonly sessionsPerDay: number
  /** Session lengths are log-normal. */
  readonly medianS: number
  readonly sigma: number
  /** Relative rate at which sessions begin in each hour of the day, from 0:00. */
  readonly hours: readonly number[]
  /** Hour of the day at which the simulation begins. */
  readonly startHour: number
}

/** What people do while they listen. */
export interface TasteConfig {
  /** Playlists of a listener, drawn by popularity, and tracks in each. */
  readonly playlists: number
  readonly playlistTracks: number
  /** Share of the choices that lead into an own playlist; the others lead into tracks drawn by popularity. */
  readonly ownShare: number
  /** Share of the accesses that nobody could have foreseen; the others go on to the next track of the list. */
  readonly randomShare: number
  /** Share of the foreseeable accesses by the forward button rather than at the end of a track. */
  readonly forwardShare: number
  /** Share of the plays in which the listener seeks once. */
  readonly seekShare: number
  /** A listener who hears nothing for so long goes on to something else. */
  readonly patienceS: number
}

/** What listeners keep of what they have heard. */
export interface CacheConfig {
  /** Free disk space is log-normal over listeners; the cache may take `diskShare` of it within the bounds. */
  readonly diskMedianBytes: number
  readonly diskSigma: number
  readonly diskShare: number
  readonly leastBytes: number
  readonly mostBytes: number
  /** Tracks heard last that the tracker remembers of a listener who comes back, if they are still there. */
  readonly remembered: number
  /** How long each has been listening before the simulation begins, with a cache to show for it. */
  readonly historyDays: number
}

export interface PrefetchConfig {
  readonly enabled: boolean
  /** Left of a track when peers are asked for the next one, and when the origin is too. */
  readonly peersMs: number
  readonly originMs: number
}

/** Time between a request and the sound that no download has a part in. */
export interface OpenConfig {
  /** Whether every play first asks the server for leave, which takes a round trip. */
  readonly asksServer: boolean
  /** Decoder and sound device: log-normal over plays. */
  readonly medianMs: number
  readonly sigma: number
}

/** People who listen to tracks of a catalogue. Sizes are bytes, rates bytes per second. */
export interface MusicConfig {
  readonly kind: 'music'
  /** What is asked for at once. */
  readonly chunkBytes: number
  /** Plays that begin before are not measured: caches are full by then, but nobody is known to the tracker. */
  readonly warmupS: number
  readonly catalogue: CatalogueConfig
  readonly tiers: readonly TierConfig[]
  readonly attendance: AttendanceConfig
  readonly taste: TasteConfig
  readonly cache: CacheConfig
  readonly player: PlayerSettings
  readonly playback: PlaybackSettings
  readonly prefetch: PrefetchConfig
  readonly open: OpenConfig
  readonly node: RouterSettings
}

const MB = 1_000_000
const KBIT = 1000 / 8

/**
 * After Kreitz and Niemelä (IEEE P2P 2010) where they give a figure: bitrates, skew of popularity, shares of random and
 * foreseeable accesses, hours of the day, size of the cache, prefetching. The rest are assumptions.
 */
export const MUSIC_DEFAULTS: MusicConfig = {
  kind: 'music',
  chunkBytes: 65_536,
  warmupS: 0,
  catalogue: {
    tracks: 500,
    topShare: 0.12,
    playsShare: 0.88,
    shift: 5,
    medianS: 220,
    sigma: 0.3,
    leastS: 30,
    mostS: 900,
  },
  tiers: [
    { name: 'free', weight: 9, byteRateBps: 160 * KBIT },
    { name: 'premium', weight: 1, byteRateBps: 320 * KBIT },
  ],
  attendance: {
    sessionsPerDay: 2,
    medianS: 2400,
    sigma: 0.8,
    hours: [
      30, 18, 10, 12, 16, 22, 35, 60, 85, 100, 96, 88, 84, 82, 82, 86, 92, 104, 112, 108, 95, 80, 62, 45,
    ],
    startHour: 17,
  },
  taste: {
    playlists: 5,
    playlistTracks: 20,
    ownShare: 0.6,
    randomShare: 0.39,
    forwardShare: 0.15,
    seekShare: 0.05,
    patienceS: 60,
  },
  cache: {
    diskMedianBytes: 50_000 * MB,
    diskSigma: 1,
    diskShare: 0.1,
    leastBytes: 50 * MB,
    mostBytes: 10_000 * MB,
    remembered: 500,
    historyDays: 7,
  },
  player: PLAYER_DEFAULTS,
  playback: PLAYBACK_DEFAULTS,
  prefetch: { enabled: true, peersMs: 30_000, originMs: 10_000 },
  open: { asksServer: true, medianMs: 100, sigma: 0.5 },
  node: ROUTER_DEFAULTS,
}
