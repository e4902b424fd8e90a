import type { Dice } from './dice.ts'
import type { DrawnWorkload } from './drawn-config.ts'

/** A few small rooms with busy people, bad connections and wrong clocks. */
export function drawRooms(dice: Dice): DrawnWorkload {
  const contents = dice.whole(1, 5)
  const leastTrackS = dice.scale(5, 100)
  return {
    peers: dice.scale(1, 12),
    durationLimitS: dice.scale(30, 600),
    workload: {
      kind: 'rooms',
      membersPerRoom: dice.whole(1, 6),
      contents,
      tracksPerRoom: dice.whole(1, contents),
      leastTrackS,
      mostTrackS: dice.whole(leastTrackS, 2 * leastTrackS),
      chunkBytes: dice.scale(4_000, 300_000),
      listenS: dice.scale(5, 300),
      gatherS: dice.whole(0, 60),
      lateShare: dice.share(),
      controls: {
        pauseEveryS: drawEveryS(dice),
        pauseForS: dice.scale(1, 60),
        seekEveryS: drawEveryS(dice),
        skipEveryS: drawEveryS(dice),
      },
      losses: { everyS: drawEveryS(dice), forS: dice.scale(1, 60) },
      clocks: { offsetMs: dice.whole(0, 100_000), driftPpm: dice.pick([0, 50, 5_000, 50_000]) },
      player: { startBufferMs: dice.pick([0, 500, 3_000]), resumeBufferMs: dice.pick([0, 1_000, 5_000]) },
      sync: {
        checkMs: dice.scale(100, 10_000),
        toleranceMs: dice.whole(0, 1_000),
        correction: dice.pick(['rate', 'jump', 'none']),
        rateChange: dice.pick([0.01, 0.05, 0.5]),
        maxHoldMs: dice.whole(0, 5_000),
        maxLeadMs: dice.whole(0, 5_000),
        prepareMs: dice.whole(0, 60_000),
      },
    },
  }
}

const drawEveryS = (dice: Dice): number | null => (dice.chance(0.3) ? null : dice.scale(2, 200))
