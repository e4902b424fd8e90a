import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeNetwork, FirstRanker, idOf, ListRecorder, ManualClock } from '../../peer/core/harness.testing.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { CandidateSet, Ranker, Ranking } from '../../peer/ports/ranker.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { TRACKER_DEFAULTS, type TrackerOptions, type TrackerSettings } from './options.ts'
import { Tracker } from './tracker.ts'

const CONTENT = 'c'.repeat(64)
const CHUNKS = 70

/** Puts the candidate of the highest number first. */
class LastFirst implements Ranker {
  readonly name = 'last-first'
  readonly version = '1'
  readonly readsFeatures = false

  rank({ peerIds, count }: CandidateSet, wanted: number): Ranking {
    const order = Array.from({ length: count }, (_, i) => i).sort((a, b) =>
      peerIds[a] < peerIds[b] ? 1 : -1,
    )
    return { order: order.slice(0, wanted), scores: new Float32Array(count), propensity: 1, explored: false }
  }
}

function trackerOf(
  ranker: Ranker,
  {
    settings,
    ...more
  }: Partial<Omit<TrackerOptions, 'settings'>> & { settings?: Partial<TrackerSettings> } = {},
) {
  const recorder = new ListRecorder()
  const ports = { clock: new ManualClock(), network: new FakeNetwork(), ranker, recorder }
  const tracker = new Tracker(
    { ...ports, random: new SeededRandom('tracker') },
    { settings: { ...TRACKER_DEFAULTS, ...settings }, rttEstimateMs: () => 20, ...more },
  )
  const announce = (number: number, held: readonly number[], isOrigin = false): void => {
    const chunks = new ChunkSet(CHUNKS)
    for (const chunk of held) chunks.add(chunk)
    tracker.announce({
      ...{ contentId: CONTENT, peerId: idOf(number), address: `h:${number}`, region: '', event: 'started' },
      ...{ isOrigin, uploadSlots: 4, active: 0, queued: 0, uploadedBytes: 0, downloadedBytes: 0 },
      ...{ chunks, wanted: 0 },
    })
  }
  return { tracker, announce, recorder }
}

const all = { firstChunk: 0, chunks: CHUNKS, holders: 10 }
const me = { peerId: idOf(1), region: '' }

const numbers = (map: ReturnType<Tracker['chunkMap']>): Record<number, number[]> =>
  Object.fromEntries(
    map.map(({ chunk, holders }) => [chunk, holders.map(({ peerId }) => Number.parseInt(peerId, 16))]),
  )

describe('the chunk map', () => {
  it('names the holders of each chunk in the order of the ranker, origins last and the requester never', () => {
    const { tracker, announce } = trackerOf(new LastFirst())
    announce(1, [0, 1])
    announce(2, [0, 33])
    announce(3, [0])
    announce(9, [0, 1, 2], true)
    expect(numbers(tracker.chunkMap(CONTENT, me, all))).toEqual({ 0: [3, 2, 9], 1: [9], 2: [9], 33: [2] })
    expect(numbers(tracker.chunkMap(CONTENT, { peerId: 'visitor', region: '' }, all))[0]).toEqual([
      3, 2, 1, 9,
    ])
    expect(numbers(tracker.chunkMap(CONTENT, me, { firstChunk: 1, chunks: 40, holders: 1 }))).toEqual({
      ...{ 1: [9], 2: [9], 33: [2] },
    })
    expect(tracker.chunkMap('d'.repeat(64), me, all)).toEqual([])
    expect(tracker.chunkMap(CONTENT, me, { firstChunk: CHUNKS, chunks: 5, holders: 9 })).toEqual([])
  })

  it('finds the only holder of a chunk in a swarm that is too large to be looked through for each request', () => {
    const { tracker, announce } = trackerOf(new FirstRanker())
    for (let number = 2; number < 6000; number++) announce(number, [0])
    announce(6000, [7])
    for (let i = 0; i < 10; i++) expect(numbers(tracker.chunkMap(CONTENT, me, all))[7]).toEqual([6000])
  })

  it('leaves out no chunk that somebody holds, however few are ranked', () => {
    const sets = fc.array(fc.uniqueArray(fc.nat(CHUNKS - 1), { maxLength: 6 }), { maxLength: 30 })
    const range = fc.record({
      firstChunk: fc.nat(CHUNKS - 1),
      chunks: fc.integer({ min: 1, max: CHUNKS }),
      holders: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(sets, range, fc.integer({ min: 1, max: 8 }), (held, query, candidatePool) => {
        const { tracker, announce } = trackerOf(new FirstRanker(), { settings: { candidatePool } })
        held.forEach((chunks, i) => announce(i + 2, chunks))
        const map = numbers(tracker.chunkMap(CONTENT, me, query))
        const end = Math.min(CHUNKS, query.firstChunk + query.chunks)
        for (let chunk = 0; chunk < CHUNKS; chunk++) {
          const holders = held.flatMap((chunks, i) => (chunks.includes(chunk) ? [i + 2] : []))
          const isAsked = chunk >= query.firstChunk && chunk < end
          const least = isAsked ? Math.min(1, holders.length) : 0
          const named = map[chunk] ?? []
          expect(named.length).toBeGreaterThanOrEqual(least)
          expect(named.length).toBeLessThanOrEqual(query.holders)
          expect(holders).toEqual(expect.arrayContaining(named))
          if (!isAsked) expect(named).toEqual([])
        }
      }),
    )
  })
})

describe('policies of swarms', () => {
  it('a swarm may have a ranker of its own, and a shadow that is only recorded', () => {
    const second = new LastFirst()
    const heard: [number, number][] = []
    const { tracker, announce, recorder } = trackerOf(new FirstRanker(), {
      policiesOf: () => ({ ranker: new FirstRanker(), shadow: second }),
      heardShadow: (served, shadow) => heard.push([served.order[0], shadow.order[0]]),
    })
    for (const number of [2, 3, 4]) announce(number, [0])
    const listed = tracker.chunkMap(CONTENT, me, { firstChunk: 0, chunks: 1, holders: 10 })
    const rows = recorder.rows.filter(({ contentId }) => contentId === CONTENT)
    expect(rows.map(({ policy, result }) => [policy, result])).toEqual([
      ['first', 'listed'],
      ['last-first', 'shadow'],
    ])
    expect(rows[1].candidateIds[rows[1].chosen]).toBe(idOf(4))
    expect(listed[0].holders[0].peerId).toBe(rows[0].candidateIds[rows[0].chosen])
    expect(heard).toEqual([[rows[0].chosen, rows[1].chosen]])
  })
})
