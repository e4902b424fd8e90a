import { expect, it } from 'vitest'
import {
  FakeLink,
  FakeNetwork,
  FirstRanker,
  idOf,
  ListRecorder,
  ManualClock,
} from '../../peer/core/harness.testing.ts'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { AnnounceRequest, Member } from './member.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import { Tracker } from './tracker.ts'

const CONTENT = 'c'.repeat(64)
const hostOf = (address: string): string => address.split(':')[0]

class Harness {
  readonly clock = new ManualClock()
  readonly tracker: Tracker

  constructor(placeOf: (address: string) => string = hostOf) {
    this.tracker = new Tracker(
      {
        ...{ clock: this.clock, network: new FakeNetwork(), ranker: new FirstRanker() },
        ...{ recorder: new ListRecorder(), random: new SeededRandom('tracker') },
      },
      { settings: TRACKER_DEFAULTS, rttEstimateMs: () => NaN, placeOf },
    )
    this.tracker.start()
  }

  announce(number: number, address: string, more: Partial<AnnounceRequest> = {}): void {
    this.tracker.announce({
      ...{ contentId: CONTENT, peerId: idOf(number), address, region: '', event: 'update', isOrigin: false },
      ...{ uploadSlots: NaN, active: NaN, queued: NaN, uploadedBytes: 0, downloadedBytes: 0 },
      ...{ chunks: new ChunkSet(4), wanted: 0, ...more },
    })
  }

  get members(): Member[] {
    return [...(this.tracker.swarm(CONTENT)?.members() ?? [])]
  }

  get addresses(): string[] {
    return this.members.map(({ address }) => address)
  }
}

it('a peer that moves with its key stays one, without one it is another until the first is forgotten', () => {
  const harness = new Harness()
  harness.announce(1, 'a:1', { key: 7 })
  harness.announce(1, 'b:1', { key: 7 })
  expect(harness.addresses).toEqual(['b:1'])
  harness.announce(2, 'c:1')
  harness.announce(2, 'd:1')
  harness.announce(2, 'd:2')
  expect(harness.addresses).toEqual(['b:1', 'c:1', 'd:2'])
  expect(harness.tracker.swarm(CONTENT)!.slotted).toBe(1)
  const { expiryMs } = TRACKER_DEFAULTS
  for (let ms = 0; ms < 2 * expiryMs; ms += 30_000) {
    harness.clock.advance(30_000)
    harness.announce(2, 'd:2')
  }
  expect(harness.members.map(({ address, slot }) => [address, slot])).toEqual([['d:2', '']])
  expect(harness.tracker.swarm(CONTENT)!.slotted).toBe(0)
})

it('what members say in public of a key, or none at all, proves nothing', () => {
  const harness = new Harness()
  harness.announce(1, 'a:1', { key: 7, uploadedBytes: 5 })
  for (const key of [undefined, 0, 8, -7])
    harness.announce(1, 'evil:1', { ...(key !== undefined && { key }), uploadedBytes: 9e15 })
  harness.announce(2, 'b:1')
  harness.announce(2, 'evil:1', { key: 8 })
  harness.announce(2, 'evil2:1', { key: 8 })
  expect(harness.addresses).toEqual(['a:1', 'evil:1', 'b:1', 'evil:1', 'evil2:1'])
  expect(harness.members[0].uploadedBytes).toBe(5)
  harness.tracker.leaveFrom(CONTENT, idOf(1), 'evil', 8)
  harness.tracker.leaveFrom(CONTENT, idOf(1), 'elsewhere')
  expect(harness.addresses).toEqual(['a:1', 'b:1', 'evil:1', 'evil2:1'])
  harness.tracker.leaveFrom(CONTENT, idOf(1), 'elsewhere', 7)
  harness.tracker.leaveFrom(CONTENT, idOf(2), 'b')
  expect(harness.addresses).toEqual(['evil:1', 'evil2:1'])
})

it('who takes no connections is known by where it announces from', () => {
  const harness = new Harness()
  harness.announce(1, '', { from: 'a' })
  harness.announce(1, '', { from: 'evil' })
  expect(harness.members.map(({ from, slot }) => [from, slot])).toEqual([
    ['a', ''],
    ['evil', 'evil'],
  ])
  const leave = { type: 'leave', contentId: CONTENT, peerId: idOf(1) } as const
  harness.tracker.message(new FakeLink('elsewhere'), leave)
  expect(harness.members).toHaveLength(2)
  harness.tracker.message(new FakeLink('a'), leave)
  expect(harness.members).toHaveLength(1)
})

it('an operator may speak for all, and so may everybody where nobody says where an address is', () => {
  const harness = new Harness()
  harness.announce(1, 'a:1')
  harness.announce(1, 'b:1', { isTrusted: true })
  expect(harness.addresses).toEqual(['b:1'])
  const open = new Harness(() => 'everywhere')
  open.announce(1, 'a:1')
  open.announce(1, 'b:1')
  expect(open.addresses).toEqual(['b:1'])
})
