import { describe, expect, it } from 'vitest'
import { FEATURE_COUNT, FEATURE_INDEX, type FeatureName } from '../../peer/protocol/features.ts'
import type { CandidateSet, Ranker, Ranking } from '../../peer/ports/ranker.ts'
import type { LiarFault, SlowLorisFault } from '../faults.ts'
import type { CreateRanker } from '../world-context.ts'
import { CHUNKS, CONTENT_BYTES, latest, type Outcome, runFaults } from './fault-worlds.testing.ts'
import { smallConfig } from '../world.testing.ts'

const CALM_S = latest(runFaults({ faults: [] }).peers)

function expectWhole(peers: readonly Outcome[]): void {
  for (const { label, chunks, downloadedBytes } of peers)
    expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
}

describe('slow-loris seeds', () => {
  const loris = (trickleBps: number, share = 0.5): SlowLorisFault => ({
    kind: 'slow-loris',
    share,
    target: 'all',
    trickleBps,
  })

  it('cost time, and no more than a bounded number of requests each', () => {
    for (const trickleBps of [0, 100]) {
      const { peers, run } = runFaults({ faults: [loris(trickleBps)] })
      const bad = peers.filter(({ struck }) => struck.trickleBps !== undefined)
      expect(bad.length).toBeGreaterThan(3)
      expectWhole(peers)
      // Half of the capacity is gone, and each fetch from a bad one loses 30 s.
      expect(latest(peers)).toBeLessThan(4 * CALM_S)
      const honest = run.rows.filter((row) => row.place === 'peer' && row.result === 'timeout')
      const seconds = run.result.simulatedMs / 1000
      const pairs = new Map<string, number>()
      for (const { requesterId, candidateIds, chosen } of honest) {
        const pair = `${requesterId} ${candidateIds[chosen]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
      }
      // Two at once at first, then one after pauses of 60, 120, 120 … s.
      for (const [pair, count] of pairs) expect(count, pair).toBeLessThanOrEqual(3 + seconds / 120)
    }
  })
})

describe('liars', () => {
  const liar = (about: LiarFault['about'], refuses: boolean): LiarFault => ({
    kind: 'liar',
    share: 0.4,
    target: 'peers',
    about,
    refuses,
  })

  it('that claim chunks which they lack hold honest peers up, and keep nothing from them', () => {
    for (const refuses of [true, false]) {
      const { peers, run } = runFaults({ faults: [liar('chunks', refuses)] })
      const honest = peers.filter(({ struck }) => struck.lies.length === 0)
      expect(honest.length).toBeGreaterThan(4)
      expect(honest.length).toBeLessThan(12)
      expectWhole(honest)
      expect(latest(honest)).toBeLessThan(4 * CALM_S)
      expect(run.result.results[refuses ? 'busy' : 'timeout']).toBeGreaterThan(0)
    }
  })

  it('that claim chunks which nobody has leave a clear failure', () => {
    const { peers } = runFaults({
      faults: [
        { ...liar('chunks', true), share: 0.5 },
        {
          kind: 'partition',
          when: { atS: 12, forS: 1e5 },
          between: 'seeds',
          and: 'rest',
          share: 1,
          oneWay: false,
        },
      ],
      peer: { giveUpMs: 120_000 },
    })
    for (const { label, isComplete, leftMs, lastChunkS, arrivedS } of peers) {
      expect(isComplete, label).toBe(false)
      const sinceS = Number.isNaN(lastChunkS) ? arrivedS : lastChunkS
      expect(leftMs / 1000, label).toBeCloseTo(sinceS + 120, 0)
    }
  })

  it('about outcomes mislead a tracker that trusts reports by a bounded factor', () => {
    const faults = [liar('outcomes', false)]
    const calm = runFaults({ faults: [], createRanker: trusting('reported_goodput_bps') })
    const { peers } = runFaults({ faults, createRanker: trusting('reported_goodput_bps') })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(2 * latest(calm.peers))
  })

  it('about uploads are named first, unless uploads have to balance with downloads', () => {
    const named = (balancesUploads: boolean): { ofPool: number; first: number } => {
      const { peers, run } = runFaults({
        faults: [{ ...liar('uploads', false), share: 0.25 }],
        changes: { tracker: { ...smallConfig().tracker, balancesUploads } },
        createRanker: trusting('upload_peak_bps'),
      })
      expectWhole(peers)
      const liars = peers.filter(({ struck }) => struck.lies.length > 0).map(({ peerId }) => peerId)
      const decisions = run.rows.filter(
        ({ place, candidateIds }) => place === 'tracker' && candidateIds.length > 1,
      )
      const isLiar = (peerId: string): boolean => liars.includes(peerId)
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
      return {
        ofPool: mean(
          decisions.map(({ candidateIds }) => candidateIds.filter(isLiar).length / candidateIds.length),
        ),
        first: mean(decisions.map(({ candidateIds, chosen }) => Number(isLiar(candidateIds[chosen])))),
      }
    }
    const [believed, balanced] = [named(false), named(true)]
    expect(believed.first).toBeGreaterThan(2 * believed.ofPool)
    // Before the books are read for the first time lies are believed.
    expect(balanced.first - balanced.ofPool).toBeLessThan((believed.first - believed.ofPool) / 2)
  })
})

/** The tracker names those first of whom a feature says most; peers take any. */
const trusting =
  (feature: FeatureName): CreateRanker =>
  (_place, _label, random): Ranker => ({
    name: 'trusting',
    version: '1',
    readsFeatures: true,
    rank({ place, count, features }: CandidateSet, wanted: number): Ranking {
      const at = FEATURE_INDEX[feature]
      const scores = Float32Array.from({ length: count }, (_, i) => {
        const bps = features[i * FEATURE_COUNT + at]
        return place === 'tracker' && bps > 0 ? bps : random.next()
      })
      const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => scores[b] - scores[a])
      return { order: order.slice(0, wanted), scores, propensity: 1, explored: false }
    },
  })
