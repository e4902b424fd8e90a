import { describe, expect, it } from 'vitest'
import { PEER_DEFAULTS } from '../peer/core/options.ts'
import { InvariantLog } from './invariants.ts'
import { PeerStats } from '../peer/core/stats.ts'
import { mostDials, mostMessages, type Occasions } from './retry-bound.ts'
import type { SimNode } from './sim-node.ts'
import { StormCheck } from './storm-check.ts'

const occasions: Occasions = {
  ...{ seconds: 5, members: 1, atOnce: 1, restarts: 0, acts: 0 },
  ...{ chunks: 0, dials: 0, accepted: 0, answers: 0, lapsesPerS: 0, trackers: 1, origins: 1 },
}

/** A node that has done so much. */
const nodeWith = (counts: { dials: number; sentMessages: number }): SimNode =>
  ({
    label: 'peer-1',
    arrivedMs: 0,
    ...{ madeChunks: 0, actCount: 0, restartCount: 0, mostMembers: 1, clockRate: 1, lapsesPerS: 0 },
    network: { chunks: 0, accepted: 0, ...counts },
    accounts: () => [{ settings: PEER_DEFAULTS, stats: new PeerStats(), usage: {} }],
    besides: () => ({ dials: 0, messages: 0 }),
  }) as unknown as SimNode

describe('StormCheck', () => {
  it('lets pass what pauses allow, and names who does more', () => {
    const log = new InvariantLog('seed', () => 5000)
    const storms = new StormCheck(log, 1)
    const calm = nodeWith({ dials: 60, sentMessages: 400 })
    storms.check([calm], 5000)
    expect(log.violations).toEqual([])
    const wild = nodeWith({ dials: 1000, sentMessages: 50_000 })
    storms.check([wild], 5000)
    expect(log.violations[0]).toMatch(/^no retry storm: peer-1: 1000 dials in 5 s, at most \d+ allowed/)
    expect(log.violations[1]).toMatch(/^no retry storm: peer-1: 50000 messages in 5 s/)
  })

  it('counts from the last look on', () => {
    const log = new InvariantLog('seed', () => 0)
    const storms = new StormCheck(log, 1)
    const node = nodeWith({ dials: 0, sentMessages: 0 })
    for (let s = 5; s <= 500; s += 5) {
      ;(node.network as { sentMessages: number }).sentMessages += 1000
      storms.check([node], 1000 * s)
    }
    expect(log.violations).toEqual([])
  })
})

describe('the most that a node may send', () => {
  it('grows with time, with chunks and with links, and with shorter pauses', () => {
    const base = mostMessages(PEER_DEFAULTS, occasions)
    const reasons = [
      { seconds: 10 },
      { chunks: 1 },
      { accepted: 1 },
      { dials: 1 },
      { members: 2 },
      { lapsesPerS: 1 },
    ]
    for (const more of reasons)
      expect(mostMessages(PEER_DEFAULTS, { ...occasions, ...more })).toBeGreaterThan(base)
    for (const more of [{ seconds: 10 }, { answers: 1 }, { members: 2 }, { trackers: 2 }])
      expect(mostDials(PEER_DEFAULTS, { ...occasions, ...more })).toBeGreaterThan(
        mostDials(PEER_DEFAULTS, occasions),
      )
    const hasty = { ...PEER_DEFAULTS, announceBackoffMs: 100 }
    expect(mostDials(hasty, occasions)).toBeGreaterThan(mostDials(PEER_DEFAULTS, occasions))
  })
})
