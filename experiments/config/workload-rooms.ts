import { LIMITS } from '../../peer/protocol/limits.ts'
import { ROOMS_WORKLOAD_DEFAULTS } from '../../sim/rooms/config.ts'
import { playbackSection, playerSection } from './playback-settings.ts'
import { bytes, count, durationMs, durationS, rateBps, real, share } from './quantity.ts'
import { kindSection, oneOf, section } from './sections.ts'

const { controls, losses, clocks, player, playback, link, sync } = ROOMS_WORKLOAD_DEFAULTS

const positiveMs = () => durationMs({ least: 1 })
const everyS = () => durationS({ least: 0.1 }).nullable()

/** People who listen together. */
export const roomsSchema = kindSection(
  'rooms',
  {
    membersPerRoom: count(1, 100_000),
    contents: count(1, 10_000),
    tracksPerRoom: count(1, LIMITS.roomTracks),
    leastTrackS: durationS({ least: 1 }),
    mostTrackS: durationS({ least: 1, most: LIMITS.trackMs / 1000 }),
    byteRateBps: rateBps(),
    chunkBytes: bytes({ least: 1, most: LIMITS.chunkBytes }),
    listenS: durationS({ least: 1 }),
    gatherS: durationS(),
    lateShare: share(),
    controls: section(
      { pauseEveryS: everyS(), pauseForS: durationS(), seekEveryS: everyS(), skipEveryS: everyS() },
      controls,
    ),
    losses: section({ everyS: everyS(), forS: durationS() }, losses),
    clocks: section({ offsetMs: durationMs(), driftPpm: real({ least: 0, most: 100_000 }) }, clocks),
    sampleMs: positiveMs(),
    player: playerSection(player),
    playback: playbackSection(playback),
    link: section(
      {
        connectTimeoutMs: positiveMs(),
        backoffMs: positiveMs(),
        maxBackoffMs: positiveMs(),
        pingMs: positiveMs(),
        firstPingMs: positiveMs(),
        firstPings: count(1, 1000),
        silenceMs: positiveMs(),
        clockWindow: count(1, 1000),
      },
      link,
    ),
    sync: section(
      {
        checkMs: positiveMs(),
        toleranceMs: durationMs(),
        correction: oneOf('rate', 'jump', 'none'),
        rateChange: real({ least: 0.001, most: 0.5 }),
        maxRateDriftMs: durationMs(),
        maxHoldMs: durationMs(),
        expectedStartMs: durationMs(),
        maxLeadMs: durationMs(),
        prepareMs: durationMs(),
      },
      sync,
    ),
  },
  ROOMS_WORKLOAD_DEFAULTS,
)
