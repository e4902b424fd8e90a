import { describe, expect, it } from 'vitest'
import {
  FakeLink,
  FakeNetwork,
  FirstRanker,
  idOf,
  ListRecorder,
  ManualClock,
} from '../../peer/core/harness.testing.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { FetchReport } from '../../peer/protocol/messages.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import { Tracker } from './tracker.ts'

const CONTENT = 'c'.repeat(64)
const SEEDS = 10
const REPORTERS = 40
const ROUNDS = 300

interface Attack {
  readonly liars: number
  readonly weighsReports: boolean
  /** Liars share so many addresses; each has its own where it is left out. */
  readonly addresses?: number
}

/**
 * Seeds 1 to 10 give that many MB/s, give or take what is the requesters' own. All report what they fetched; liars say, as
 * often and as much as they are heard, that the best seed fails and that the worst is a wonder. Tells what the tracker
 * believes in the end.
 */
function attack({ liars, weighsReports, addresses = liars }: Attack) {
  const random = new SeededRandom('attack')
  const clock = new ManualClock()
  const tracker = new Tracker(
    {
      ...{ clock, network: new FakeNetwork(), ranker: new FirstRanker(), recorder: new ListRecorder() },
      random: random.fork('tracker'),
    },
    {
      settings: { ...TRACKER_DEFAULTS, weighsReports, expiryMs: 1e9 },
      rttEstimateMs: () => NaN,
      networkOf: (address) => address.split(':')[0],
    },
  )
  const join = (number: number, host: string): void =>
    tracker.message(new FakeLink(host), {
      ...{ type: 'announce', contentId: CONTENT, peerId: idOf(number), address: `${host}:${number}` },
      ...{ region: '', event: 'started', isOrigin: false, uploadSlots: 4, active: 0, queued: 0 },
      ...{ uploadedBytes: 0, downloadedBytes: 0, chunks: ChunkSet.full(4), wanted: 0 },
    })
  const report = (number: number, reports: FetchReport[]): void =>
    tracker.message(new FakeLink('x'), { type: 'report', contentId: CONTENT, peerId: idOf(number), reports })
  for (let seed = 1; seed <= SEEDS; seed++) join(seed, `seed-${seed}`)
  const own = Array.from({ length: REPORTERS }, () => Math.exp(0.8 * (random.next() - 0.5)))
  for (let i = 0; i < REPORTERS; i++) join(100 + i, i < liars ? `liar-${i % addresses}` : `honest-${i}`)
  const lie: FetchReport[] = Array.from({ length: 16 }, (_, i) =>
    i % 2 === 0
      ? { seedId: idOf(SEEDS), result: 'timeout', bytes: 0, durationMs: 30_000 }
      : { seedId: idOf(1), result: 'ok', bytes: 1e9, durationMs: 1 },
  )
  for (let round = 0; round < ROUNDS; round++) {
    clock.advance(1000)
    for (let i = 0; i < REPORTERS; i++) {
      if (i < liars) report(100 + i, lie)
      else if (round % 5 === i % 5) {
        const seed = 1 + random.below(SEEDS)
        const isOk = random.next() < 0.95
        const durationMs = 1e3 / (seed * own[i] * Math.exp(0.4 * (random.next() - 0.5)))
        report(100 + i, [
          { seedId: idOf(seed), result: isOk ? 'ok' : 'timeout', bytes: isOk ? 1e6 : 0, durationMs },
        ])
      }
    }
  }
  const swarm = tracker.swarm(CONTENT)!
  const scores = Array.from({ length: SEEDS }, (_, i) => {
    const { goodputBps, successShare } = swarm.get(idOf(i + 1))!
    return goodputBps * successShare
  })
  const victim = swarm.get(idOf(SEEDS))!
  const rankOf = (seed: number): number => scores.filter((score) => score > scores[seed - 1]).length + 1
  return {
    victimRank: rankOf(SEEDS),
    accompliceRank: rankOf(1),
    victimSuccess: victim.successShare,
    victimGoodputMBps: victim.goodputBps / 1e6,
  }
}

describe('a coalition of liars', () => {
  it('puts the worst seed first and the best last where all reports count alike, be it two in forty', () => {
    const { victimRank, accompliceRank, victimSuccess } = attack({ liars: 2, weighsReports: false })
    expect(victimSuccess).toBeLessThan(0.05)
    expect({ victimRank, accompliceRank }).toEqual({ victimRank: SEEDS, accompliceRank: 1 })
  })

  it.each([2, 4, 12])(
    'of %i in forty moves no seed by more than a place or two where reports are weighed',
    (liars) => {
      const calm = attack({ liars: 0, weighsReports: true })
      expect(calm.accompliceRank).toBe(SEEDS)
      expect(calm.victimRank).toBeLessThanOrEqual(2)
      const { victimRank, accompliceRank, victimSuccess, victimGoodputMBps } = attack({
        liars,
        weighsReports: true,
      })
      expect(victimRank).toBeLessThanOrEqual(3)
      expect(accompliceRank).toBeGreaterThanOrEqual(SEEDS - 2)
      expect(victimSuccess).toBeGreaterThan(1 - liars / REPORTERS - 0.1)
      expect(Math.abs(Math.log(victimGoodputMBps / calm.victimGoodputMBps))).toBeLessThan(Math.log(1.5))
    },
  )

  it('speaks with one voice from one address', () => {
    const { victimRank, accompliceRank } = attack({ liars: 30, addresses: 1, weighsReports: true })
    expect(victimRank).toBeLessThanOrEqual(3)
    expect(accompliceRank).toBeGreaterThanOrEqual(SEEDS - 2)
  })
})
