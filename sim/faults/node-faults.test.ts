import { describe, expect, it } from 'vitest'
import type { RestartFault } from '../faults.ts'
import { CHUNKS, CONTENT_BYTES, latest, ORIGIN, runFaults } from './fault-worlds.testing.ts'

const restart = (more: Partial<RestartFault>): RestartFault => ({
  kind: 'restart',
  share: 0.5,
  target: 'peers',
  when: { atS: 30, forS: 20 },
  keepsCache: true,
  ...more,
})
const DOWNLOAD_S = 150

describe('a restart', () => {
  it('with the cache fetches nothing twice', () => {
    const { peers } = runFaults({ faults: [restart({})] })
    const struck = peers.filter(({ struck }) => struck.timed.length > 0)
    expect(struck.length).toBeGreaterThan(2)
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 20)
  })

  it('without the cache fetches all again, and nobody else does', () => {
    const { peers } = runFaults({ faults: [restart({ keepsCache: false })] })
    for (const { label, chunks, downloadedBytes, struck } of peers) {
      expect(chunks, label).toBe(CHUNKS)
      if (struck.timed.length === 0) expect(downloadedBytes, label).toBe(CONTENT_BYTES)
    }
    expect(peers.some(({ downloadedBytes }) => downloadedBytes > CONTENT_BYTES)).toBe(true)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 50)
  })

  it('of everybody, again and again, still ends', () => {
    const when = { meanEveryS: 40, meanForS: 10 }
    const { peers } = runFaults({ faults: [restart({ share: 1, when })] })
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    expect(latest(peers)).toBeLessThan(2 * DOWNLOAD_S)
  })

  it('right after the crash meets links that the others have not given up yet', () => {
    const { peers } = runFaults({ faults: [restart({ when: { atS: 30, forS: 2 } })] })
    for (const { label, chunks } of peers) expect(chunks, label).toBe(CHUNKS)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 30)
  })
})

describe('an origin outage', () => {
  const swarm = { initialSeeds: 0, origin: ORIGIN }

  it('is waited for where nobody else has what is missing', () => {
    const calm = latest(runFaults({ faults: [], swarm }).peers)
    for (const refuses of [false, true]) {
      const { peers } = runFaults({
        faults: [{ kind: 'origin-outage', when: { atS: 10, forS: 60 }, share: 1, refuses }],
        swarm,
      })
      for (const { label, chunks, downloadedBytes } of peers)
        expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
      // It is dialled again every 30 s.
      expect(latest(peers)).toBeLessThan(calm + 60 + 31)
    }
  })

  it('that never ends makes peers give up, with what there was shared among them', () => {
    const { peers, run } = runFaults({
      faults: [{ kind: 'origin-outage', when: { atS: 10, forS: 1e5 }, share: 1, refuses: false }],
      swarm,
      peer: { giveUpMs: 120_000 },
    })
    expect(new Set(peers.map(({ chunks }) => chunks)).size).toBe(1)
    expect(run.result.simulatedMs / 1000).toBeLessThan(latest(peers) + 121)
    // One dial every 30 s to the origin, one to each of the others, and those of the tracker.
    for (const { label, dials } of peers) expect(dials, label).toBeLessThanOrEqual(12 + 8 + 8)
  })
})

describe('a host that stands still', () => {
  it('goes on where it was, without losing a link or a chunk', () => {
    const { peers, run } = runFaults({
      faults: [{ kind: 'pause', when: { atS: 30, forS: 40 }, share: 0.5, target: 'all' }],
    })
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    expect(run.result.results.disconnected).toBe(0)
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 40)
  })

  it('again and again, changes the time only', () => {
    const { peers } = runFaults({
      faults: [{ kind: 'pause', when: { meanEveryS: 20, meanForS: 10 }, share: 0.5, target: 'all' }],
    })
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    expect(latest(peers)).toBeLessThan(2 * DOWNLOAD_S)
  })
})

describe('a bad line', () => {
  const bad = { kind: 'degrade', share: 1, target: 'all', when: { atS: 30, forS: 40 } } as const

  it('costs the time that it takes away, and no chunk', () => {
    const calm = latest(runFaults({ faults: [] }).peers)
    const { peers } = runFaults({
      faults: [{ ...bad, upShare: 0.1, downShare: 0.5, addedMs: 300, lossRate: 0.02 }],
    })
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    expect(latest(peers)).toBeGreaterThan(calm + 0.5 * 0.9 * 40)
    expect(latest(peers)).toBeLessThan(calm + 40 + 30)
  })

  it('that carries nothing is a pause for everybody', () => {
    const { peers } = runFaults({
      faults: [{ ...bad, upShare: 0, downShare: 0, addedMs: 0, lossRate: 0 }],
    })
    for (const { label, chunks, downloadedBytes } of peers)
      expect([chunks, downloadedBytes], label).toEqual([CHUNKS, CONTENT_BYTES])
    // Fetches that time out meanwhile are followed by pauses of as long.
    expect(latest(peers)).toBeLessThan(DOWNLOAD_S + 40 + 60)
  })
})

describe('a wrong clock', () => {
  it('changes nothing by being ahead or behind', () => {
    const skewed = runFaults({
      faults: [{ kind: 'clock-skew', share: 1, target: 'peers', maxOffsetMs: 1e6, maxDriftPpm: 0 }],
    })
    const calm = runFaults({ faults: [] })
    const endMs = (run: typeof calm.run) => run.result.simulatedMs
    // The last digits of sums of doubles differ, and with them ties.
    expect(endMs(skewed.run) / endMs(calm.run)).toBeCloseTo(1, 1)
    for (const { label, chunks } of skewed.peers) expect(chunks, label).toBe(CHUNKS)
  })

  it('changes little by running wrong', () => {
    const { peers, run } = runFaults({
      faults: [{ kind: 'clock-skew', share: 1, target: 'peers', maxOffsetMs: 1e6, maxDriftPpm: 10_000 }],
    })
    for (const { label, chunks } of peers) expect(chunks, label).toBe(CHUNKS)
    expect(run.result.simulatedMs / 1000).toBeLessThan(DOWNLOAD_S + 30)
  })
})
