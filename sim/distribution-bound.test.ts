import { describe, expect, it } from 'vitest'
import { type BoundInput, distributionBound, impossibleCompletion } from './distribution-bound.ts'

const F = 1e6
const forever = { fromMs: 0, toMs: Infinity }

function swarm(
  peers: number,
  upBps: number,
  downBps: number,
  completedMs: number,
  sourceBps = 1e5,
): BoundInput {
  return {
    contentBytes: F,
    sources: [{ upBps: sourceBps, ...forever }],
    peers: Array.from({ length: peers }, () => ({ upBps, ...forever })),
    completed: Array.from({ length: peers }, () => ({ arrivedMs: 0, completedMs, downBps })),
  }
}

describe('distributionBound', () => {
  it('is max{F/u_s, F/d_min, N·F/(u_s + Σ u_i)} when all are there from the start', () => {
    expect(distributionBound(swarm(4, 1e6, 1e7, 20_000)).boundMs).toBeCloseTo(10_000, 6)
    expect(distributionBound(swarm(4, 1e6, 2e4, 99_000)).boundMs).toBeCloseTo(50_000, 6)
    expect(distributionBound(swarm(100, 1e4, 1e7, 150_000)).boundMs).toBeCloseTo(1e8 / 1.1e3, 3)
    expect(distributionBound(swarm(100, 1e4, 1e7, 1e8 / 1.1e3)).ratio).toBeCloseTo(1, 9)
  })

  it('counts up-links while their hosts are there, from the first arrival on', () => {
    const bound = distributionBound({
      contentBytes: F,
      sources: [{ upBps: 1e6, ...forever }],
      peers: [
        { upBps: 1e6, fromMs: 5000, toMs: 6000 },
        { upBps: 0, fromMs: 6500, toMs: Infinity },
      ],
      completed: [
        { arrivedMs: 5000, completedMs: 6000, downBps: 1e9 },
        { arrivedMs: 6500, completedMs: 9000, downBps: 1e9 },
      ],
    })
    expect(bound.boundMs).toBeCloseTo(6501, 6)
    expect(bound.ratio).toBeCloseTo(4000 / 1501, 6)
  })

  it('is nothing where nobody completed', () => {
    expect(distributionBound({ ...swarm(2, 1, 1, 1), completed: [] }).ratio).toBeNaN()
  })
})

describe('impossibleCompletion', () => {
  it('finds what no network could have done', () => {
    expect(impossibleCompletion(swarm(4, 1e6, 1e7, 10_000), 1e-3)).toBeUndefined()
    expect(impossibleCompletion(swarm(4, 1e6, 1e7, 9900), 1e-3)).toContain('possible from 10000 ms')
    expect(impossibleCompletion(swarm(4, 1e6, 2e4, 49_000, 1e9), 1e-3)).toContain('completion 1 of 4')
    expect(impossibleCompletion(swarm(100, 1e4, 1e7, 80_000), 1e-3)).toContain('completion 89 of 100')
  })

  it('counts no source that had gone before the first arrival', () => {
    const input: BoundInput = {
      contentBytes: F,
      sources: [
        { upBps: 1e6, ...forever },
        { upBps: 1e9, fromMs: 0, toMs: 2000 },
      ],
      peers: [{ upBps: 0, fromMs: 5000, toMs: Infinity }],
      completed: [{ arrivedMs: 5000, completedMs: 6001, downBps: 1e9 }],
    }
    expect(impossibleCompletion(input, 1e-3)).toBeUndefined()
    expect(distributionBound(input).boundMs).toBeCloseTo(6000, 6)
  })
})
