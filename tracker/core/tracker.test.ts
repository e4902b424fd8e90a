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
import { FEATURE_COUNT, FEATURE_INDEX } from '../../peer/protocol/features.ts'
import type { Announce, Candidates, FetchReport } from '../../peer/protocol/messages.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { TRACKER_DEFAULTS, type TrackerSettings } from './options.ts'
import { Tracker } from './tracker.ts'

const CONTENT = 'c'.repeat(64)

class TrackerHarness {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly ranker = new FirstRanker()
  readonly recorder = new ListRecorder()
  readonly tracker: Tracker

  constructor(settings: Partial<TrackerSettings> = {}, networkOf?: (address: string) => string) {
    const { clock, network, ranker, recorder } = this
    this.tracker = new Tracker(
      { clock, network, ranker, recorder, random: new SeededRandom('tracker') },
      {
        settings: { ...TRACKER_DEFAULTS, ...settings },
        rttEstimateMs: (from, to) => (from === to ? 20 : 90),
        ...(networkOf && { networkOf }),
      },
    )
    this.tracker.start()
  }

  /** Announces as a peer of that number and returns the answer, or undefined where the link was closed. */
  announce(number: number, held: readonly number[], more: Partial<Announce> = {}): Candidates | undefined {
    const chunks = new ChunkSet(4)
    for (const chunk of held) chunks.add(chunk)
    const link = new FakeLink(`peer-${number}`)
    this.tracker.message(link, {
      type: 'announce',
      contentId: CONTENT,
      peerId: idOf(number),
      address: `peer-${number}`,
      region: number % 2 ? 'eu-west' : 'na-east',
      event: 'started',
      isOrigin: false,
      uploadSlots: 4,
      active: 1,
      queued: 2,
      uploadedBytes: 0,
      downloadedBytes: 0,
      chunks,
      wanted: 50,
      ...more,
    })
    return link.sentOf('candidates')[0]
  }

  report(from: number, reports: readonly FetchReport[]): void {
    this.tracker.message(new FakeLink('x'), {
      type: 'report',
      contentId: CONTENT,
      peerId: idOf(from),
      reports,
    })
  }
}

const numbersOf = (answer: Candidates | undefined): number[] =>
  (answer?.candidates ?? []).map((candidate) => Number.parseInt(candidate.peerId, 16)).sort((a, b) => a - b)

describe('Tracker', () => {
  it('answers with the other members and never with the requester itself', () => {
    const h = new TrackerHarness()
    expect(numbersOf(h.announce(1, []))).toEqual([])
    expect(numbersOf(h.announce(2, [0, 1, 2, 3]))).toEqual([1])
    const answer = h.announce(3, [])
    expect(numbersOf(answer)).toEqual([1, 2])
    expect(answer).toMatchObject({
      seeds: 1,
      leechers: 2,
      policy: 'first',
      policyVersion: '1',
      intervalMs: 30_000,
    })
  })

  it('returns no more than asked for, the ranker choosing from a bounded random pool', () => {
    const h = new TrackerHarness({ candidatePool: 10, maxCandidates: 6 })
    for (let n = 1; n <= 50; n++) h.announce(n, [])
    expect(h.announce(51, [])?.candidates).toHaveLength(6)
    expect(h.announce(51, [], { wanted: 2 })?.candidates).toHaveLength(2)
    expect(h.announce(51, [], { wanted: 0 })?.candidates).toHaveLength(0)
    expect(h.ranker.asked.at(-1)?.peerIds).toHaveLength(10)
  })

  it('keeps only those who announced last where it is told to', () => {
    const h = new TrackerHarness({ recentMembers: 3 })
    h.announce(9, [0, 1, 2, 3], { isOrigin: true })
    for (let n = 1; n <= 5; n++) {
      h.clock.advance(1000)
      h.announce(n, [])
    }
    h.clock.advance(1000)
    h.announce(3, [])
    h.clock.advance(1000)
    const named = h.announce(6, [])?.candidates.map(({ peerId }) => peerId)
    expect(named?.sort()).toEqual([idOf(3), idOf(5), idOf(9)])
  })

  it('names origins behind the candidates, without ranking them', () => {
    const h = new TrackerHarness()
    h.announce(9, [0, 1, 2, 3], { isOrigin: true })
    h.announce(1, [])
    const answer = h.announce(2, [])
    expect(answer?.candidates.map(({ isOrigin }) => isOrigin)).toEqual([false, true])
    expect(h.ranker.asked.at(-1)?.peerIds).toEqual([idOf(1)])
    expect(answer).toMatchObject({ seeds: 0, leechers: 2 })
  })

  it('shows the ranker what a tracker can observe', () => {
    const h = new TrackerHarness()
    h.announce(1, [0, 1], { uploadedBytes: 0 })
    h.clock.advance(10_000)
    h.announce(1, [0, 1], { uploadedBytes: 50_000 })
    h.clock.advance(5_000)
    h.announce(2, [])
    const { features } = h.ranker.asked.at(-1)!
    expect(features).toHaveLength(FEATURE_COUNT)
    expect(features[FEATURE_INDEX.rtt_ms]).toBe(90)
    expect(features[FEATURE_INDEX.same_region]).toBe(0)
    expect(features[FEATURE_INDEX.upload_bps]).toBe(5_000)
    expect(features[FEATURE_INDEX.load_age_ms]).toBe(5_000)
    expect(features[FEATURE_INDEX.session_age_ms]).toBe(15_000)
    expect(features[FEATURE_INDEX.completeness]).toBe(0.5)
    expect(features[FEATURE_INDEX.goodput_bps]).toBeNaN()
    expect(h.recorder.rows.at(-1)).toMatchObject({
      place: 'tracker',
      result: 'listed',
      candidateIds: [idOf(1)],
      chosen: 0,
    })
  })

  it('remembers the highest upload rate of a member, whatever it does later', () => {
    const h = new TrackerHarness()
    const peakOf = (): number => h.ranker.asked.at(-1)!.features[FEATURE_INDEX.upload_peak_bps]
    let uploadedBytes = 0
    for (const [bytes, afterMs] of [
      [0, 0],
      [0, 10_000],
      // Too short a time to say what a line can do.
      [50_000, 100],
      [30_000, 10_000],
      [10_000, 10_000],
    ]) {
      uploadedBytes += bytes
      h.clock.advance(afterMs)
      h.announce(1, [0, 1], { uploadedBytes })
      if (bytes > 0) continue
      h.announce(2, [])
      expect(peakOf()).toBeNaN()
    }
    h.announce(2, [])
    expect(peakOf()).toBe(3_000)
  })

  it('gives one reporter a bounded say on a seed', () => {
    const h = new TrackerHarness({ reportWeight: 0.1 })
    for (const n of [1, 2, 3]) h.announce(n, [])
    const [honest, lie] = (['ok', 'timeout'] as const).map((result) => ({
      ...{ seedId: idOf(1), result, bytes: 1000, durationMs: 1000 },
    }))
    h.report(2, [honest])
    for (let i = 0; i < 100; i++) h.report(3, new Array<FetchReport>(64).fill(lie))
    const success = h.tracker.swarm(CONTENT)!.get(idOf(1))!.successShare
    expect(success).toBeCloseTo(0.5, 6)
  })

  it('averages what peers report of a seed, and takes no report of oneself or of a stranger', () => {
    const h = new TrackerHarness({ reportWeight: 0.5 })
    h.announce(1, [0, 1, 2, 3])
    h.announce(2, [])
    const ok = { seedId: idOf(1), result: 'ok' as const, bytes: 1_000_000, durationMs: 1000 }
    h.report(2, [
      ok,
      { ...ok, durationMs: 2000 },
      { ...ok, result: 'timeout', bytes: 0 },
      { ...ok, result: 'cancelled' },
    ])
    h.report(1, [{ ...ok, durationMs: 1 }])
    h.report(7, [{ ...ok, durationMs: 1 }])
    const [candidate] = h.announce(2, [])!.candidates
    expect(candidate).toMatchObject({ goodputBps: 750_000, successShare: 0.5 })
  })

  it('keeps count of who holds which chunk', () => {
    const h = new TrackerHarness()
    h.announce(1, [0, 1])
    h.announce(2, [1])
    h.announce(1, [0, 1, 2])
    const swarm = h.tracker.swarm(CONTENT)!
    expect([0, 1, 2, 3].map((chunk) => swarm.holderCount(chunk))).toEqual([1, 2, 1, 0])
    expect(swarm.holders(1).map((member) => member.peerId)).toEqual([idOf(1), idOf(2)])
    h.tracker.message(new FakeLink('x'), { type: 'leave', contentId: CONTENT, peerId: idOf(1) })
    expect([0, 1, 2, 3].map((chunk) => swarm.holderCount(chunk))).toEqual([0, 1, 0, 0])
  })

  it('forgets members that fall silent, and swarms without members', () => {
    const h = new TrackerHarness({ expiryMs: 90_000 })
    h.announce(1, [])
    h.clock.advance(60_000)
    h.announce(2, [])
    h.clock.advance(60_000)
    expect(h.tracker.swarm(CONTENT)?.get(idOf(1))).toBeUndefined()
    expect(h.tracker.swarm(CONTENT)?.get(idOf(2))).toBeDefined()
    h.clock.advance(120_000)
    expect(h.tracker.swarm(CONTENT)).toBeUndefined()
  })

  it('takes no more peers of one network into a swarm, or into all, than may be', () => {
    const networkOf = (address: string): string => address.slice(0, 2)
    const h = new TrackerHarness({ maxPeersPerAddress: 2, maxMembershipsPerAddress: 3 }, networkOf)
    const join = (number: number, address: string, contentId = CONTENT): boolean =>
      h.announce(number, [], { address, contentId }) !== undefined
    expect([join(1, 'a-1'), join(2, 'a-2'), join(3, 'a-3'), join(4, 'b-1')]).toEqual([
      true,
      true,
      false,
      true,
    ])
    expect(join(1, 'a-9')).toBe(true)
    const other = 'd'.repeat(64)
    expect([join(1, 'a-1', other), join(2, 'a-2', other)]).toEqual([true, false])
    h.tracker.leave(CONTENT, idOf(2))
    expect([join(2, 'a-2', other), join(3, 'a-3')]).toEqual([true, false])
    h.clock.advance(125_000)
    expect([join(3, 'a-3'), join(5, 'a-5'), join(6, 'a-6')]).toEqual([true, true, false])
  })

  it('refuses a wrong chunk count and what exceeds its limits', () => {
    const h = new TrackerHarness({ maxPeersPerSwarm: 2, maxSwarms: 1 })
    h.announce(1, [])
    expect(h.announce(2, [], { chunks: new ChunkSet(5) })).toBeUndefined()
    expect(h.announce(2, [])).toBeDefined()
    expect(h.announce(3, [])).toBeUndefined()
    expect(h.announce(1, [], { contentId: 'd'.repeat(64) })).toBeUndefined()
    expect(h.announce(1, [])).toBeDefined()
  })

  it('bounds the chunks of all swarms together, and has room again when a swarm goes', () => {
    const h = new TrackerHarness({ maxChunks: 9 })
    const other = 'd'.repeat(64)
    h.announce(1, [])
    expect(h.announce(1, [], { contentId: other, chunks: new ChunkSet(6) })).toBeUndefined()
    expect(h.announce(1, [], { contentId: other, chunks: new ChunkSet(5) })).toBeDefined()
    h.tracker.leave(CONTENT, idOf(1))
    h.tracker.leave(CONTENT, idOf(1))
    expect(h.announce(1, [], { contentId: 'e'.repeat(64), chunks: new ChunkSet(4) })).toBeDefined()
    expect(h.announce(1, [])).toBeUndefined()
  })
})
