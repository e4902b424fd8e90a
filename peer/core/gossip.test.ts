import { describe, expect, it } from 'vitest'
import { FEATURE_COUNT, FEATURE_INDEX } from '../protocol/features.ts'
import type { FetchReport } from '../protocol/messages.ts'
import { CONTENT_ID, candidateOf, idOf, PeerHarness } from './harness.testing.ts'

const ALL = [0, 1, 2, 3]
const report = (seed: number, more: Partial<FetchReport> = {}): FetchReport => ({
  ...{ seedId: idOf(seed), result: 'ok', bytes: 5000, durationMs: 1000, ...more },
})

describe('gossip', () => {
  const told = (h: PeerHarness, from: number, reports: readonly FetchReport[]): void =>
    h.peer.message(h.network.to(`peer-${from}`), {
      ...{ type: 'report', contentId: CONTENT_ID, peerId: idOf(from), reports },
    })
  /** What the ranker is shown of the seed with that number when it is asked next. */
  const shown = (h: PeerHarness, number: number, feature: keyof typeof FEATURE_INDEX): number => {
    const { peerIds, features } = h.ranker.asked.at(-1)!
    return features[peerIds.indexOf(idOf(number)) * FEATURE_COUNT + FEATURE_INDEX[feature]]
  }

  it('tells neighbours how fetches went', () => {
    const h = new PeerHarness(4, [], { gossipMs: 1000 })
    h.join([candidateOf(2), candidateOf(3)])
    const seed = h.accept(2, ALL)
    const other = h.accept(3, [])
    const [{ requestId, chunk }] = seed.sentOf('request')
    h.deliver(seed, requestId, chunk)
    h.clock.advance(1000)
    for (const link of [seed, other])
      expect(link.sentOf('report')).toMatchObject([
        { peerId: idOf(1), reports: [{ seedId: idOf(2), result: 'ok', bytes: 1000 }] },
      ])
    h.clock.advance(10_000)
    expect(other.sentOf('report')).toHaveLength(1)
  })

  it('moves what is shown of a seed, a little, and by nobody on itself', () => {
    const h = new PeerHarness(4, [], { gossipMs: 1000, maxFetches: 1 })
    h.join([candidateOf(2), candidateOf(3)])
    const seed = h.accept(2, ALL)
    h.accept(3, ALL)
    told(h, 2, [report(2), report(3)])
    told(h, 2, [report(3, { result: 'timeout' })])
    const [{ requestId, chunk }] = seed.sentOf('request')
    h.deliver(seed, requestId, chunk)
    expect(shown(h, 3, 'reported_success')).toBe(1)
    expect(shown(h, 2, 'reported_success')).toBeNaN()
  })

  it('is not listened to where it is off', () => {
    const h = new PeerHarness(4, [], { maxFetches: 1 })
    h.join([candidateOf(2), candidateOf(3)])
    const seed = h.accept(2, ALL)
    h.accept(3, ALL)
    told(h, 2, [report(3)])
    const [{ requestId, chunk }] = seed.sentOf('request')
    h.deliver(seed, requestId, chunk)
    expect(shown(h, 3, 'reported_success')).toBeNaN()
    expect(seed.isClosed).toBe(false)
  })
})
