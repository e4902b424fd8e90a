import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FETCH_RESULTS } from '../protocol/messages.ts'
import { candidateOf } from './harness.testing.ts'
import { KnownPage } from './known-page.ts'
import { KnownPeer } from './known-peer.ts'

const PEERS = 5

const read = (known: KnownPeer): Record<string, unknown> => {
  const getters = Object.entries(Object.getOwnPropertyDescriptors(KnownPeer.prototype))
  const read = getters.flatMap(([name, { get }]) => (get ? [[name, get.call(known)]] : []))
  return { address: known.address, region: known.region, listing: known.listing, ...Object.fromEntries(read) }
}

const ms = fc.double({ min: 0, max: 1e7, noNaN: true })
const small = fc.nat(255)
const flag = fc.constantFrom('banned' as const, 'isForgotten' as const, 'isDialled' as const)

/** Something that happens to a known peer. */
const step: fc.Arbitrary<(known: KnownPeer) => void> = fc.oneof(
  fc.tuple(flag, fc.boolean()).map(
    ([name, value]) =>
      (known: KnownPeer) =>
        void (known[name] = value),
  ),
  fc.tuple(ms, ms).map(([dialMs, tookMs]) => (known: KnownPeer) => {
    known.dialFailures++
    known.nextDialMs = dialMs
    known.connectMs = tookMs
  }),
  small.map((slots) => (known: KnownPeer) => void (known.uploadSlots = slots)),
  fc.constant((known: KnownPeer) => void known.corruptCount++),
  fc.tuple(small, small, ms).map((load) => (known: KnownPeer) => known.hearLoad(...load)),
  fc.tuple(small, ms, ms).map((got) => (known: KnownPeer) => known.succeeded(...got)),
  fc.tuple(ms, ms, ms, fc.boolean()).map((failure) => (known: KnownPeer) => known.failed(...failure)),
  fc.tuple(ms, ms).map((refusal) => (known: KnownPeer) => known.refused(...refusal)),
  fc
    .record({
      seedId: fc.constant('s'),
      result: fc.constantFrom(...FETCH_RESULTS),
      bytes: small,
      durationMs: ms,
    })
    .map((report) => (known: KnownPeer) => known.hearReport(report)),
  fc.tuple(small, small, ms).map(([number, rank, nowMs]) => {
    const listing = { policy: 'model', policyVersion: `${rank}` }
    const candidate = candidateOf(number, { uploadBps: number * 1e5, goodputBps: nowMs, completeness: 0.5 })
    return (known: KnownPeer) => known.learn(candidate, rank, listing, nowMs)
  }),
)

it('knows of each peer of a page what it would know of that one alone', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(PEERS - 1), step), { maxLength: 100 }), (steps) => {
      const page = new KnownPage(PEERS)
      const peers = Array.from({ length: PEERS }, (_, i) => new KnownPeer(`${i}`, '', '', i === 1, page))
      const alone = peers.map(({ peerId, isOrigin }) => new KnownPeer(peerId, '', '', isOrigin))
      expect(page.isFull).toBe(true)
      for (const [number, happens] of steps) {
        happens(peers[number])
        happens(alone[number])
      }
      expect(peers.map(read)).toEqual(alone.map(read))
    }),
  )
})

it('knows nothing of a peer at first, and keeps it waiting for nothing', () => {
  const { listing, ...figures } = read(new KnownPeer('a', 'peer-1', 'eu-west', true))
  expect(listing).toEqual({ policy: '', policyVersion: '' })
  expect(figures).toEqual({
    ...{ address: 'peer-1', region: 'eu-west', isOrigin: true, banned: false, isForgotten: false },
    ...{ isDialled: false, dialFailures: 0, trackerRank: -1, uploadSlots: 0, timeoutsInRow: 0 },
    ...{ okCount: 0, failedCount: 0, busyCount: 0, corruptCount: 0, connectMs: NaN, joinedMs: NaN },
    ...{ completeness: NaN, reportedGoodputBps: NaN, reportedSuccess: NaN, uploadBps: NaN, active: NaN },
    ...{ queued: NaN, loadAtMs: NaN, goodputBps: NaN, ttfbMs: NaN },
    ...{ nextDialMs: -Infinity, backoffUntilMs: -Infinity, silentMs: -Infinity },
  })
})
