import { describe, expect, it } from 'vitest'
import { impossibleRate, maxRateBps, meanRateBps } from './rate-bound.ts'

const hosts = (count: number, upBps: number, hereMs = 10_000) =>
  Array.from({ length: count }, () => ({ upBps, hereMs }))
const input = (sourceBps: number, peerBps: number, viewerBytes: number) => ({
  sources: hosts(1, sourceBps),
  viewers: hosts(10, peerBps),
  viewerBytes: new Array<number>(10).fill(viewerBytes),
})

describe('the rate bound', () => {
  it('is what the source sends where viewers have plenty, and what all send where they have not', () => {
    expect(maxRateBps(input(100, 1_000, 0))).toBe(100)
    expect(maxRateBps(input(1_000, 50, 0))).toBe(150)
  })

  it('weighs viewers by how long they were there', () => {
    const viewers = [...hosts(10, 0), ...hosts(10, 0, 5_000)]
    expect(maxRateBps({ sources: hosts(1, 1_500), viewers, viewerBytes: [] })).toBe(100)
  })

  it('counts a standby that shares the time with the first source', () => {
    const sources = [...hosts(1, 100), ...hosts(1, 100, 4_000)]
    expect(maxRateBps({ sources, viewers: hosts(1, 1_000), viewerBytes: [] })).toBe(140)
  })

  it('finds what is impossible', () => {
    expect(impossibleRate(input(1_000, 50, 1_500), 0)).toBeUndefined()
    expect(impossibleRate(input(1_000, 50, 1_501), 0)).toMatch(/15010 bytes, all together could send 15000/)
    expect(impossibleRate(input(100, 1_000, 1_001), 0)).toMatch(/a viewer got 1001 bytes/)
    expect(meanRateBps(input(1_000, 50, 1_500))).toBe(150)
  })
})
