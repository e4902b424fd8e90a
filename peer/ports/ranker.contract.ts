import { describe, expect, it } from 'vitest'
import { FEATURE_COUNT, FEATURE_INDEX } from '../protocol/features.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { CandidateSet, DecisionPlace, Ranker } from './ranker.ts'

const ROUNDS = 4000
/** Five standard deviations of a share counted in so many rounds. */
const SHARE_TOLERANCE = 5 * Math.sqrt(0.25 / ROUNDS)

/** What every Ranker does. `create` makes a fresh one, the same each time; `peerIds` are known to it where it matters. */
export function rankerContract(
  name: string,
  create: () => Ranker,
  peerIds: readonly PeerId[] = ids(40),
): void {
  describe(`${name} as a Ranker`, () => {
    it('has a name and a version', () => {
      const ranker = create()
      expect(ranker.name).toMatch(/^[a-z0-9-]{1,63}$/)
      expect(ranker.version.length).toBeGreaterThan(0)
      expect(ranker.version.length).toBeLessThan(64)
    })

    for (const place of ['peer', 'tracker'] as const)
      for (const [count, wanted] of [
        [1, 1],
        [5, 1],
        [5, 5],
        [7, 3],
        [peerIds.length - 1, 100],
      ])
        it(`chooses ${Math.min(count, wanted)} different ones of ${count} at the ${place}`, () => {
          const ranker = create()
          const { order, scores, propensity } = ranker.rank(candidates(place, peerIds, count), wanted)
          const chosen = Array.from(order)
          expect(chosen).toHaveLength(Math.min(count, wanted))
          expect(new Set(chosen).size).toBe(chosen.length)
          for (const index of chosen) {
            expect(Number.isInteger(index) && index >= 0 && index < count).toBe(true)
          }
          expect(scores.length).toBeGreaterThanOrEqual(count)
          expect(scores.subarray(0, count).every((score) => !Number.isNaN(score))).toBe(true)
          expect(propensity).toBeGreaterThan(0)
          expect(propensity).toBeLessThanOrEqual(1)
        })

    it('copes with features that are all unknown', () => {
      const set = candidates('peer', peerIds, 6)
      set.features.fill(NaN)
      const { order, propensity } = create().rank(set, 6)
      expect(Array.from(order).sort()).toEqual([0, 1, 2, 3, 4, 5])
      expect(propensity).toBeGreaterThan(0)
    })

    it('repeats itself from the same start', () => {
      const play = () => {
        const ranker = create()
        return Array.from({ length: 20 }, (_, round) =>
          Array.from(ranker.rank(candidates('peer', peerIds, 3 + (round % 9)), 3).order),
        )
      }
      expect(play()).toEqual(play())
    })

    it('leaves its input as it is', () => {
      const set = candidates('peer', peerIds, 8)
      const before = [set.count, [...set.peerIds], set.features.slice()]
      create().rank(set, 8)
      expect([set.count, [...set.peerIds], set.features]).toEqual(before)
    })

    it('puts each candidate first as often as its propensities say', () => {
      const ranker = create()
      const set = candidates('peer', peerIds, 4)
      const first = new Float64Array(4)
      const expected = new Float64Array(4)
      // Propensity is known of the one that was chosen only: weighting by its inverse must count every candidate that
      // can be chosen once a round.
      for (let round = 0; round < ROUNDS; round++) {
        const { order, propensity } = ranker.rank(set, 1)
        first[order[0]]++
        expected[order[0]] += propensity
      }
      for (let i = 0; i < 4; i++) {
        if (first[i] === 0) continue
        const meanPropensity = expected[i] / first[i]
        expect(Math.abs(first[i] / ROUNDS - meanPropensity)).toBeLessThan(SHARE_TOLERANCE)
      }
    })
  })
}

function ids(count: number): PeerId[] {
  return Array.from({ length: count }, (_, i) => (i + 1).toString(16).padStart(40, '0'))
}

/** Plausible candidates, all different; arrays are longer than needed, as the port allows. */
function candidates(place: DecisionPlace, peerIds: readonly PeerId[], count: number): CandidateSet {
  const features = new Float32Array((count + 3) * FEATURE_COUNT)
  for (let i = 0; i < count; i++) {
    const at = i * FEATURE_COUNT
    features[at + FEATURE_INDEX.rtt_ms] = 20 + 7 * ((i * 5) % 11)
    features[at + FEATURE_INDEX.same_region] = i % 3 === 0 ? 1 : 0
    features[at + FEATURE_INDEX.goodput_bps] = i % 4 === 3 ? NaN : 1e5 * (1 + ((i * 3) % 7))
    features[at + FEATURE_INDEX.active_uploads] = i % 5
    features[at + FEATURE_INDEX.queued_uploads] = i % 2
    features[at + FEATURE_INDEX.upload_slots] = 4
    features[at + FEATURE_INDEX.completeness] = (i % 10) / 10
  }
  return { place, requesterId: peerIds[peerIds.length - 1], count, peerIds: peerIds.slice(), features }
}
