import type { Dice } from './dice.ts'
import type { Section } from './drawn-config.ts'

/** How peers and the tracker behave: mostly as by default, now and then at the edge of what they allow. */
export function drawPeer(dice: Dice): Section {
  const targetNeighbours = dice.scale(1, 40)
  return {
    ...dice.maybe(0.5, () => ({
      maxNeighbours: targetNeighbours + dice.whole(0, 20),
      targetNeighbours,
      wantedCandidates: dice.whole(1, 40),
      maxKnownCandidates: dice.scale(1, 200),
    })),
    ...dice.maybe(0.3, () => ({ connectTimeoutMs: dice.scale(10, 20_000) })),
    ...dice.maybe(0.3, () => ({ chunkOrder: { kind: 'window', chunks: dice.scale(1, 50) } })),
    ...dice.maybe(0.3, () => ({ maxFetches: dice.scale(1, 30), maxFetchesPerSeed: dice.whole(1, 5) })),
    ...dice.maybe(0.2, () => ({ maxCandidates: dice.scale(1, 64) })),
    ...dice.maybe(0.2, () => ({
      minFetchTimeoutMs: dice.scale(100, 30_000),
      fetchTimeoutFactor: dice.whole(1, 5),
    })),
    ...dice.maybe(0.2, () => ({ seedBackoffMs: dice.pick([0, 10, 5000]) })),
    ...dice.maybe(0.3, () => ({ endgameCopies: dice.whole(1, 5) })),
    ...dice.maybe(0.3, () => ({
      originAfterMs: dice.pick([0, 500, 20_000]),
      originAfterFailures: dice.whole(1, 5),
    })),
    ...dice.maybe(0.3, () => ({ uploadSlots: dice.whole(1, 6), uploadQueue: dice.whole(0, 6) })),
    ...dice.maybe(0.2, () => ({ uploadsPerNeighbour: dice.whole(1, 6) })),
    ...dice.maybe(0.3, () => ({ maxUnchoked: dice.whole(1, 8), chokeRoundMs: dice.scale(100, 20_000) })),
    ...dice.maybe(0.2, () => ({ corruptLimit: dice.whole(1, 4) })),
    ...dice.maybe(0.2, () => ({ announceBackoffMs: dice.scale(10, 5000) })),
    ...dice.maybe(0.2, () => ({ giveUpMs: dice.pick([0, 1000, 60_000]) })),
    ...dice.maybe(0.2, () => ({ reportMs: dice.pick([0, 1000]) })),
  }
}

export function drawTracker(dice: Dice): Section {
  return {
    ...dice.maybe(0.3, () => ({ announceMs: dice.scale(500, 60_000), expiryMs: dice.scale(500, 200_000) })),
    ...dice.maybe(0.3, () => ({ maxCandidates: dice.whole(1, 20), candidatePool: dice.whole(1, 40) })),
  }
}
