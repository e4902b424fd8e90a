import { describe, expect, it } from 'vitest'
import type { PartitionFault } from '../faults.ts'
import { CONTENT_BYTES, latest, ORIGIN, type Outcome, runFaults } from './fault-worlds.testing.ts'

const partition = (more: Partial<PartitionFault>): PartitionFault => ({
  kind: 'partition',
  when: { atS: 15, forS: 60 },
  between: 'region:eu-west',
  and: 'rest',
  share: 1,
  oneWay: false,
  ...more,
})
const HEALED_S = 75
/** A candidate that could not be reached is tried again by then. */
const LONGEST_REDIAL_S = 120
const DOWNLOAD_S = 150
/** Dials of one peer: each of the 13 others, and again after 30, 60 and 120 s; trackers on top. */
const MOST_DIALS = 13 * 5

function expectWhole(peers: readonly Outcome[]): void {
  expect(peers).toHaveLength(12)
  for (const { label, isComplete, downloadedBytes, dials } of peers) {
    expect(isComplete, label).toBe(true)
    expect(downloadedBytes, label).toBe(CONTENT_BYTES)
    expect(dials, label).toBeLessThanOrEqual(MOST_DIALS)
  }
}

describe('a partition', () => {
  it('between regions, long enough to lose all links, ends with everybody finding each other again', () => {
    for (const oneWay of [false, true]) {
      const { peers, run } = runFaults({ faults: [partition({ oneWay })] })
      expectWhole(peers)
      expect(run.result.results.disconnected).toBeGreaterThan(0)
      expect(latest(peers)).toBeLessThan(HEALED_S + LONGEST_REDIAL_S + DOWNLOAD_S)
    }
  })

  it('shorter than it takes to notice loses no link and no chunk', () => {
    const { peers, run } = runFaults({ faults: [partition({ when: { atS: 15, forS: 10 } })] })
    expectWhole(peers)
    expect(run.result.results.disconnected).toBe(0)
    // A fetch that had been long under way may have no 10 s to spare.
    expect(run.result.results.timeout).toBeLessThanOrEqual(2)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 10)
  })

  it('of every peer from every other, seeds and trackers included, is outlived', () => {
    const faults = [
      partition({ between: 'all', and: 'all' }),
      partition({ between: 'seeds' }),
      partition({ between: 'trackers' }),
    ]
    const { peers } = runFaults({ faults })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(HEALED_S + LONGEST_REDIAL_S + DOWNLOAD_S)
  })

  it('that heals while the trackers are away is outlived by what peers know of each other', () => {
    const faults = [
      partition({ between: 'peers', share: 0.5, when: { atS: 25, forS: HEALED_S - 25 } }),
      partition({ between: 'trackers', when: { atS: 30, forS: 1e5 } }),
    ]
    const { peers } = runFaults({ faults })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(HEALED_S + LONGEST_REDIAL_S + DOWNLOAD_S)
  })

  it('from the tracker alone stops nobody who knows others', () => {
    const { peers } = runFaults({
      faults: [partition({ between: 'trackers', when: { atS: 25, forS: 1e5 } })],
    })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 20)
  })

  it('from the only source makes peers share what they have, and end with a reason where that is not all', () => {
    const { peers } = runFaults({
      faults: [partition({ between: 'origins', when: { atS: 10, forS: 1e5 } })],
      swarm: { initialSeeds: 0, origin: ORIGIN },
      peer: { giveUpMs: 120_000 },
    })
    const chunks = new Set(peers.map((peer) => peer.chunks))
    expect(chunks.size).toBe(1)
    for (const { label, isComplete, leftMs } of peers) {
      expect(isComplete, label).toBe(false)
      expect(leftMs / 1000, label).toBeLessThan(latest(peers) + 121)
    }
  })

  it('now and then changes nothing but the time', () => {
    const when = { meanEveryS: 30, meanForS: 15 }
    const { peers } = runFaults({ faults: [partition({ when, between: 'peers', share: 0.4 })] })
    expectWhole(peers)
    expect(latest(peers)).toBeLessThan(900)
  })
})
