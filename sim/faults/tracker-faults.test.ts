import { describe, expect, it } from 'vitest'
import type { Fault, TrackerOutageFault } from '../faults.ts'
import { ALWAYS, CONTENT_BYTES, latest, type Outcome, runFaults } from './fault-worlds.testing.ts'
import type { Schedule } from './schedule.ts'

const outage = (when: Schedule, more: Partial<TrackerOutageFault> = {}): Fault => ({
  kind: 'tracker-outage',
  when,
  share: 1,
  memory: 'kept',
  refuses: false,
  ...more,
})
/** A pause after a failed announce ends by then: the longest one, with its jitter, and the time-out before it. */
const LONGEST_PAUSE_S = 60 * 1.1 + 10
/** What a calm swarm of late-comers needs. */
const DOWNLOAD_S = 150

/** All have all, and nothing came twice. */
function expectWhole(peers: readonly Outcome[]): void {
  for (const { label, isComplete, downloadedBytes } of peers) {
    expect(isComplete, label).toBe(true)
    expect(downloadedBytes, label).toBe(CONTENT_BYTES)
  }
}

describe('a tracker outage', () => {
  it('delays those who come meanwhile, by its length and one pause at the most', () => {
    const { peers } = runFaults({ faults: [outage({ atS: 3, forS: 60 })] })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(63 + LONGEST_PAUSE_S + DOWNLOAD_S)
    // Pauses of 2, 4, 8, 16 and 32 s and the time-outs between them fill the minute.
    for (const peer of peers) expect(peer.failedAnnounces, peer.label).toBeLessThanOrEqual(6)
  })

  it('does not stop a swarm that has found together', () => {
    const { peers } = runFaults({ faults: [outage({ atS: 25, forS: 1e5 })] })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 20)
  })

  it('with a restart and an empty memory is over when the members have announced again', () => {
    const { peers } = runFaults({ faults: [outage({ atS: 10, forS: 1 }, { memory: 'lost', refuses: true })] })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S)
    const late = peers.filter(({ arrivedS }) => arrivedS > 11)
    expect(late.length).toBeGreaterThan(2)
    // Who was there when the links broke announces once more; nobody more often.
    for (const peer of peers) expect(peer.failedAnnounces, peer.label).toBeLessThanOrEqual(2)
  })

  it('from the start lets nobody begin, and everybody when it ends', () => {
    const { peers } = runFaults({ faults: [outage({ atS: 0, forS: 120 }, { memory: 'lost' })] })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(120 + LONGEST_PAUSE_S + DOWNLOAD_S)
  })

  it('that never ends makes peers give up in time, with few tries', () => {
    const giveUpMs = 300_000
    for (const refuses of [true, false]) {
      const { peers, run } = runFaults({ faults: [outage(ALWAYS, { refuses })], peer: { giveUpMs } })
      expect(peers).toHaveLength(12)
      for (const { label, chunks, leftMs, arrivedMs, announces, failedAnnounces, messages } of peers) {
        expect(chunks, label).toBe(0)
        expect(leftMs - arrivedMs, label).toBeCloseTo(giveUpMs, 3)
        expect([announces, messages], label).toEqual([0, 0])
        // Pauses of 2, 4, 8, 16, 32 s, then of a minute.
        expect(failedAnnounces, label).toBeLessThanOrEqual(5 + Math.ceil(300 / (0.9 * 60)))
      }
      expect(run.result.simulatedMs).toBeLessThan(20_000 + giveUpMs + 1)
    }
  })
})

describe('several trackers', () => {
  const first: Fault = { ...outage(ALWAYS), share: 0.5 } as Fault

  it('are as good as one while one of them is there', () => {
    const calm = latest(runFaults({ faults: [], swarm: { trackers: 2 } }).peers)
    // With this seed the draw strikes one of the two.
    for (const seed of [1, 2, 3, 4]) {
      const { peers } = runFaults({ faults: [first], swarm: { trackers: 2 }, changes: { seed } })
      const isSplit = peers.some(({ announces }) => announces > 0)
      if (!isSplit) continue
      expectWhole(peers)
      expect(latest(peers)).toBeLessThan(calm + 60)
    }
  })

  it('bring a swarm together that has announced to different ones', () => {
    const faults: Fault[] = [
      {
        kind: 'partition',
        when: { atS: 0, forS: 60 },
        between: 'trackers',
        and: 'peers',
        share: 0.5,
        oneWay: false,
      },
    ]
    const { peers } = runFaults({ faults, swarm: { trackers: 3 } })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(60 + LONGEST_PAUSE_S + DOWNLOAD_S)
  })
})

describe('a slow tracker', () => {
  it('is waited for, longer at each try, and serves in the end', () => {
    for (const delayMs of [5_000, 25_000]) {
      const { peers } = runFaults({ faults: [{ kind: 'tracker-slow', when: ALWAYS, share: 1, delayMs }] })
      expectWhole(peers)
      expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 4 * (delayMs / 1000))
      // 10 and 20 s are too short for 25 s; the third try has 40 s.
      for (const peer of peers) expect(peer.failedAnnounces, peer.label).toBeLessThanOrEqual(6)
    }
  })

  it('that stands still for a while is slow and no more', () => {
    const faults: Fault[] = [{ kind: 'pause', when: { atS: 0, forS: 40 }, share: 1, target: 'trackers' }]
    const { peers } = runFaults({ faults })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(40 + DOWNLOAD_S)
  })
})
