import type { Dice } from './dice.ts'
import { drawPlayback } from './draw-playback.ts'
import type { DrawnWorkload, Section } from './drawn-config.ts'

/** A few small rooms whose members come late, lose their connection, and hardly leave the controls alone. */
export function drawRooms(dice: Dice): DrawnWorkload {
  const contents = dice.whole(1, 4)
  const leastTrackS = dice.scale(2, 60)
  const listenS = dice.scale(10, 150)
  return {
    peers: dice.scale(1, 12),
    durationLimitS: dice.pick([listenS, 300]),
    workload: {
      kind: 'rooms',
      membersPerRoom: dice.whole(1, 6),
      contents,
      tracksPerRoom: dice.whole(1, contents),
      leastTrackS,
      mostTrackS: leastTrackS + dice.whole(0, 60),
      byteRateBps: dice.scale(1000, 40_000),
      chunkBytes: dice.scale(4000, 100_000),
      listenS,
      gatherS: Math.min(listenS, dice.pick([0, 5, 40])),
      lateShare: dice.share(),
      controls: {
        pauseEveryS: often(dice),
        pauseForS: dice.pick([0, 2, 20]),
        seekEveryS: often(dice),
        skipEveryS: often(dice),
      },
      losses: { everyS: often(dice), forS: dice.pick([0, 1, 30]) },
      clocks: { offsetMs: dice.scale(1, 10_000_000), driftPpm: dice.pick([0, 50, 100_000]) },
      sampleMs: dice.pick([100, 1000]),
      ...dice.maybe(0.3, () => ({
        player: { startBufferMs: dice.scale(1, 10_000), resumeBufferMs: dice.scale(1, 5000) },
      })),
      ...dice.maybe(0.4, () => ({ playback: drawPlayback(dice) })),
      ...dice.maybe(0.3, () => ({ link: drawLink(dice) })),
      ...dice.maybe(0.5, () => ({ sync: drawSync(dice) })),
    },
  }
}

const often = (dice: Dice): number | null => dice.pick([null, 1, 15, 60])

const drawLink = (dice: Dice): Section => ({
  connectTimeoutMs: dice.scale(50, 10_000),
  backoffMs: dice.scale(10, 5000),
  pingMs: dice.scale(100, 20_000),
  silenceMs: dice.scale(500, 30_000),
  clockWindow: dice.whole(1, 20),
})

const drawSync = (dice: Dice): Section => ({
  checkMs: dice.scale(100, 10_000),
  toleranceMs: dice.scale(1, 2000),
  correction: dice.pick(['rate', 'jump', 'none']),
  rateChange: dice.pick([0.001, 0.05, 0.5]),
  maxHoldMs: dice.whole(0, 5000),
  maxLeadMs: dice.whole(0, 5000),
  prepareMs: dice.scale(1, 60_000),
})
