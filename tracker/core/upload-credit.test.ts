import { describe, expect, it } from 'vitest'
import { FakeNetwork, FirstRanker, idOf, ListRecorder, ManualClock } from '../../peer/core/harness.testing.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { FEATURE_COUNT, FEATURE_INDEX as F } from '../../peer/protocol/features.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import { Tracker } from './tracker.ts'

const CONTENT = 'c'.repeat(64)
const STEP_MS = 30_000

interface World {
  readonly balances: boolean
  /** Bytes a second that each seed really sends. */
  readonly seedsBps: readonly number[]
  /** What a liar says that it sends in each round; it sends nothing. */
  readonly claimsBps: readonly ((round: number) => number)[]
  readonly rounds?: number
}

/** Upload features of the seeds, then of the liars, as a ranker sees them in the end. */
function featuresOf({
  balances,
  seedsBps,
  claimsBps,
  rounds = 10,
}: World): Record<'bps' | 'mean' | 'peak', number>[] {
  const clock = new ManualClock()
  const recorder = new ListRecorder()
  const tracker = new Tracker(
    { clock, recorder, network: new FakeNetwork(), ranker: new FirstRanker(), random: new SeededRandom('t') },
    { settings: { ...TRACKER_DEFAULTS, balancesUploads: balances }, rttEstimateMs: () => NaN },
  )
  const announce = (number: number, isSeed: boolean, up: number, down: number, wanted = 0): void => {
    tracker.announce({
      ...{ contentId: CONTENT, peerId: idOf(number), address: `a-${number}`, region: '', event: 'update' },
      ...{ isOrigin: false, uploadSlots: NaN, active: NaN, queued: NaN, wanted },
      ...{ chunks: isSeed ? ChunkSet.full(4) : new ChunkSet(4), uploadedBytes: up, downloadedBytes: down },
    })
  }
  const claimed = claimsBps.map(() => 0)
  const leechers = 20
  const sumBps = seedsBps.reduce((sum, bps) => sum + bps, 0)
  for (let round = 0; round <= rounds; round++) {
    const seconds = (round * STEP_MS) / 1000
    seedsBps.forEach((bps, i) => announce(i, true, bps * seconds, 0))
    claimsBps.forEach((claim, i) =>
      announce(100 + i, true, (claimed[i] += (claim(round) * STEP_MS) / 1000), 0),
    )
    for (let i = 0; i < leechers; i++) announce(200 + i, false, 0, (sumBps / leechers) * seconds)
    clock.advance(STEP_MS)
  }
  announce(200, false, 0, 0, 40)
  const { candidateIds, features } = recorder.rows.at(-1)!
  return [...seedsBps.keys(), ...claimsBps.map((_, i) => 100 + i)].map((number) => {
    const at = candidateIds.indexOf(idOf(number)) * FEATURE_COUNT
    const [bps, mean, peak] = [F.upload_bps, F.upload_mean_bps, F.upload_peak_bps].map(
      (f) => features[at + f],
    )
    return { bps, mean, peak }
  })
}

const seedsBps = [1e5, 2e5, 3e5, 4e5, 5e5, 6e5, 7e5, 8e5, 9e5, 1e6]
const UNKNOWN = { bps: NaN, mean: NaN, peak: NaN }
const steady = (bps: number) => (): number => bps

describe('uploads that members claim', () => {
  it('are believed where the books balance', () => {
    const seen = featuresOf({ balances: true, seedsBps, claimsBps: [] })
    expect(seen.map(({ mean }) => mean / 1000)).toEqual(seedsBps.map((bps) => expect.closeTo(bps / 1000, 0)))
    expect(seen).toEqual(featuresOf({ balances: false, seedsBps, claimsBps: [] }))
  })

  it.each([1, 3, 5])('and that nobody got make no one of %i liars look fast', (count) => {
    const claimsBps = Array.from({ length: count }, (_, i) => steady(i % 2 ? 5e6 : 1e9))
    const believed = featuresOf({ balances: false, seedsBps, claimsBps }).slice(seedsBps.length)
    for (const { mean } of believed) expect(mean).toBeGreaterThan(1e6)
    const seen = featuresOf({ balances: true, seedsBps, claimsBps })
    expect(seen.slice(seedsBps.length)).toEqual(claimsBps.map(() => UNKNOWN))
    // Those below the level keep what they have.
    expect(seen[2].mean).toBeCloseTo(3e5, -3)
  })

  it('in one great lie leave no lasting peak', () => {
    const pulse =
      (at: number) =>
      (round: number): number =>
        round === at ? 1e9 : 0
    const [seen] = featuresOf({ balances: true, seedsBps, claimsBps: [pulse(5)] }).slice(-1)
    expect(seen).toEqual(UNKNOWN)
    for (const at of [1, 5]) {
      const long = { seedsBps, claimsBps: [pulse(at)], rounds: 80 }
      const [{ mean, peak }] = featuresOf({ ...long, balances: true }).slice(-1)
      expect(mean).toBeLessThan(1e5)
      expect(peak).toBeLessThan(2e6)
      expect(featuresOf({ ...long, balances: false }).at(-1)!.peak).toBeGreaterThan(9e8)
    }
  })
})
