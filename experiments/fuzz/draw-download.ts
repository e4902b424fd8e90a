import type { Dice } from './dice.ts'
import type { DrawnWorkload } from './drawn-config.ts'

/** A few small files; now and then a swarm that is large for a test. */
export function drawDownload(dice: Dice): DrawnWorkload {
  const isLarge = dice.chance(0.05)
  const chunks = dice.scale(1, isLarge ? 100 : 40)
  const chunkBytes = dice.scale(1000, 1_000_000)
  return {
    peers: isLarge ? dice.whole(40, 100) : dice.scale(1, 30),
    durationLimitS: dice.scale(10, 2000),
    workload: {
      kind: 'download',
      contents: dice.pick([1, 1, 1, 2, 3]),
      contentBytes: Math.max(1, chunks * chunkBytes - dice.whole(0, chunkBytes - 1)),
      chunkBytes,
    },
  }
}
