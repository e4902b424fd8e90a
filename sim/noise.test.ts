import { describe, expect, it } from 'vitest'
import { createTestFabric } from './fabric.testing.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { NoiseStream } from './noise-stream.ts'
import { retransmitMs } from './tcp.ts'

const ONE_WAY_MS = 50
const DRAWS = 50_000
/** Greatest distance between the two distribution functions that 50,000 draws leave once in a thousand times. */
const KOLMOGOROV = 1.95 / Math.sqrt(DRAWS)

function noise(settings: { jitterShare?: number; lossRate?: number }): number[] {
  const fabric = createTestFabric({
    settings: { ...NETWORK_DEFAULTS, jitterShare: 0, lossRate: 0, ...settings },
  })
  const stream = new NoiseStream(20_261_121)
  return Array.from({ length: DRAWS }, () => fabric.noiseMs(ONE_WAY_MS, stream)).sort((a, b) => a - b)
}

describe('noise of a message', () => {
  it('is exponential jitter around a share of the delay', () => {
    const meanMs = 0.2 * ONE_WAY_MS
    const distances = noise({ jitterShare: 0.2 }).map((ms, i) =>
      Math.abs(1 - Math.exp(-ms / meanMs) - (i + 0.5) / DRAWS),
    )
    expect(Math.max(...distances)).toBeLessThan(KOLMOGOROV)
  })

  it('is a retransmission for each loss in a row, each after twice the time', () => {
    const lossRate = 0.3
    const drawnMs = noise({ lossRate })
    const firstMs = retransmitMs(2 * ONE_WAY_MS)
    for (const losses of [0, 1, 2, 3]) {
      const atMs = firstMs * (2 ** losses - 1)
      const seen = drawnMs.filter((ms) => ms === atMs).length / DRAWS
      const expected = (1 - lossRate) * lossRate ** losses
      expect(Math.abs(seen - expected)).toBeLessThan(4 * Math.sqrt(expected / DRAWS))
    }
    const possible = new Set(Array.from({ length: 40 }, (_, losses) => firstMs * (2 ** losses - 1)))
    expect(drawnMs.filter((ms) => !possible.has(ms))).toEqual([])
  })
})
