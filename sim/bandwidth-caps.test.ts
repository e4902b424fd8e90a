import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { capped } from './bandwidth-caps.ts'
import { runWorld, smallConfig } from './world.testing.ts'

const host = { address: 'a', region: 'eu-west', upBps: 1000, downBps: 5000, lastMileMs: 1 }

describe('bandwidth caps', () => {
  it('lower the rates of the share of hosts that set them', () => {
    const caps = [{ share: 0.3, upBps: 100, downBps: null }]
    const hosts = Array.from({ length: 5000 }, (_, i) => capped(host, caps, new SeededRandom(i)))
    const slow = hosts.filter(({ upBps }) => upBps === 100).length
    expect(Math.abs(slow / 5000 - 0.3)).toBeLessThan(0.02)
    expect(hosts.every(({ downBps }) => downBps === 5000)).toBe(true)
  })

  it('never raise a rate, and the lowest counts', () => {
    const caps = [
      { share: 1, upBps: 9000, downBps: 700 },
      { share: 1, upBps: null, downBps: 300 },
    ]
    expect(capped(host, caps, new SeededRandom(1))).toMatchObject({ upBps: 1000, downBps: 300 })
  })

  it('bound what peers send in a world, where no check objects', () => {
    const upBps = 50_000
    const caps = [{ share: 1, upBps, downBps: null }]
    const { result } = runWorld(smallConfig({ swarm: { caps } }))
    expect(result.peers.every((peer) => peer.upBps === upBps)).toBe(true)
    const seconds = result.simulatedMs / 1000
    for (const { uploadedBytes } of result.peers) expect(uploadedBytes).toBeLessThanOrEqual(upBps * seconds)
  })
})
