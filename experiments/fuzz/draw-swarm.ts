import type { Dice } from './dice.ts'
import type { DrawnWorkload, Section } from './drawn-config.ts'

/** Who is there: seeds, the origin, caps; `peers` is the workload's business. */
export function drawSwarm(dice: Dice, { peers, needsOrigin = false }: DrawnWorkload): Section {
  const hasOrigin = dice.chance(0.75) || needsOrigin
  return {
    peers,
    initialSeeds: dice.whole(hasOrigin ? 0 : 1, 3),
    ...dice.maybe(0.3, () => ({ trackers: dice.whole(1, 3) })),
    initialSeedClass: dice.pick([null, null, 'fast', 'slow']),
    origin: hasOrigin ? drawOrigin(dice) : null,
    ...dice.maybe(0.2, () => ({
      caps: [
        { share: dice.share(), upBps: dice.scale(1000, 100_000) },
        { share: dice.share(), downBps: dice.scale(10_000, 1_000_000) },
      ],
    })),
  }
}

function drawOrigin(dice: Dice): Section {
  return {
    upBps: dice.scale(20_000, 12_500_000),
    region: dice.pick(['eu-west', 'east-asia']),
    ...dice.maybe(0.3, () => ({
      settings: {
        uploadSlots: dice.whole(1, 8),
        uploadQueue: dice.whole(0, 8),
        maxUnchoked: dice.whole(1, 10),
        maxNeighbours: dice.whole(1, 30),
      },
    })),
  }
}

/** How hosts are connected; `fast` and `slow` are always among the classes. */
export function drawAccess(dice: Dice): Section {
  const accessClass = (name: string, leastBps: number, mostBps: number) => {
    const upBps = dice.scale(leastBps, mostBps)
    return {
      name,
      upBps,
      downBps: Math.round(upBps * dice.pick([0.5, 1, 2, 10])),
      lastMileMs: dice.whole(0, 50),
      weight: dice.whole(1, 5),
      ...dice.maybe(0.15, () => ({
        trace: { files: ['mobile.txt'], throughput: 'Mbit/s', links: dice.pick(['down', 'both']) },
      })),
    }
  }
  return {
    accessClasses: [accessClass('slow', 10_000, 200_000), accessClass('fast', 200_000, 10_000_000)],
    ...dice.maybe(0.5, () => ({
      regions: { 'eu-west': dice.whole(1, 3), latam: dice.whole(0, 3), 'east-asia': dice.whole(0, 3) },
    })),
  }
}
