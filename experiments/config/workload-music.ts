import { z } from 'zod'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { MUSIC_DEFAULTS } from '../../sim/music/config.ts'
import { playbackSection, playerSection } from './playback-settings.ts'
import { bytes, count, durationMs, durationS, rateBps, real, share } from './quantity.ts'
import { kindSection, label, section } from './sections.ts'

const { tiers: _tiers, attendance: _attendance, ...DEFAULTS } = MUSIC_DEFAULTS
const HOURS_ERROR = '24 weights of 0 or more expected, from 0:00'

const catalogue = section(
  {
    tracks: count(1, 1_000_000),
    topShare: share(),
    playsShare: share(),
    shift: real({ least: 0 }),
    medianS: durationS({ least: 1 }),
    sigma: real({ least: 0, most: 3 }),
    leastS: durationS({ least: 1 }),
    mostS: durationS({ least: 1 }),
  },
  DEFAULTS.catalogue,
)

const tier = z.strictObject({ name: label(), weight: real({ least: 0 }), byteRateBps: rateBps() })

const attendance = section(
  {
    sessionsPerDay: real({ least: 0.001, most: 1000 }),
    medianS: durationS({ least: 1 }),
    sigma: real({ least: 0, most: 3 }),
    hours: z.array(real({ least: 0 }), { error: HOURS_ERROR }).length(24, { error: HOURS_ERROR }),
    startHour: real({ least: 0, most: 24 }),
  },
  { ...MUSIC_DEFAULTS.attendance, hours: [...MUSIC_DEFAULTS.attendance.hours] },
)

const taste = section(
  {
    playlists: count(0, 1000),
    playlistTracks: count(1, 10_000),
    ownShare: share(),
    randomShare: share(),
    forwardShare: share(),
    seekShare: share(),
    patienceS: durationS({ least: 1 }),
  },
  DEFAULTS.taste,
)

const cache = section(
  {
    diskMedianBytes: bytes(),
    diskSigma: real({ least: 0, most: 3 }),
    diskShare: share(),
    leastBytes: bytes(),
    mostBytes: bytes(),
    remembered: count(0, 10_000),
    historyDays: real({ least: 0, most: 3650 }),
  },
  DEFAULTS.cache,
)

const player = playerSection(DEFAULTS.player)

const playback = playbackSection(DEFAULTS.playback)

const prefetch = section(
  { enabled: z.boolean(), peersMs: durationMs(), originMs: durationMs() },
  DEFAULTS.prefetch,
)

const open = section(
  { asksServer: z.boolean(), medianMs: durationMs(), sigma: real({ least: 0, most: 3 }) },
  DEFAULTS.open,
)

const node = section(
  {
    softLinks: count(1, 100_000),
    hardLinks: count(1, 100_000),
    idleLinkMs: durationMs({ least: 1 }),
    handshakeTimeoutMs: durationMs({ least: 1 }),
  },
  DEFAULTS.node,
)

/** People who listen to tracks of a catalogue. */
export const musicSchema = kindSection(
  'music',
  {
    chunkBytes: bytes({ least: 1, most: LIMITS.chunkBytes }),
    warmupS: durationS(),
    catalogue,
    tiers: z.array(tier).min(1),
    attendance,
    taste,
    cache,
    player,
    playback,
    prefetch,
    open,
    node,
  },
  {
    ...DEFAULTS,
    tiers: [...MUSIC_DEFAULTS.tiers],
    attendance: { ...MUSIC_DEFAULTS.attendance, hours: [...MUSIC_DEFAULTS.attendance.hours] },
  },
)
