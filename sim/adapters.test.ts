import { describe, expect, it } from 'vitest'
import { chunkStoreContract } from '../peer/ports/chunk-store.contract.ts'
import { clockContract } from '../peer/ports/clock.contract.ts'
import { networkContract } from '../peer/ports/network.contract.ts'
import { randomContract } from '../peer/ports/random.contract.ts'
import { recorderContract, row } from '../peer/ports/recorder.contract.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { MemoryRecorder } from './memory-recorder.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import { NoiseStream } from './noise-stream.ts'
import { PollutingStore, SimChunkStore } from './sim-chunk-store.ts'
import { SimClock } from './sim-clock.ts'
import { SimContent } from './sim-content.ts'
import { createTestFabric, failingAudit } from './fabric.testing.ts'

clockContract('SimClock', () => {
  const fabric = createTestFabric()
  const { kernel } = fabric
  return {
    clock: new SimClock(fabric.add('node')),
    advance: (ms) => {
      kernel.run(kernel.nowMs + ms)
    },
  }
})

randomContract('SeededRandom', (seed) => new SeededRandom(seed))

chunkStoreContract('SimChunkStore', () => {
  const content = new SimContent('content', 4500, 1000)
  return {
    store: new SimChunkStore(content, false, 'peer', failingAudit),
    digests: content.manifest.digests,
    body: (chunk) => content.body(chunk),
    corruptBody: (chunk) => content.corruptBody(chunk),
  }
})

recorderContract('MemoryRecorder', () => {
  const recorder = new MemoryRecorder({ sampleRates: { peer: 1, tracker: 1 }, random: new SeededRandom('r') })
  return { recorder, rows: () => recorder.rows }
})

for (const [name, network] of [
  ['a quiet SimNetwork', { ...NETWORK_DEFAULTS, jitterShare: 0 }],
  ['a SimNetwork with jitter, loss and checks', { ...NETWORK_DEFAULTS, jitterShare: 0.3, lossRate: 0.05 }],
] as const)
  networkContract(name, () => {
    const fabric = createTestFabric({ settings: network, checksMessages: true })
    let nodes = 0
    return {
      node: () => {
        const address = `node-${nodes++}`
        return { address, network: fabric.add(address) }
      },
      deadAddress: () => 'nobody',
      body: (bytes) => ({ bytes }),
      settle: () => {
        fabric.kernel.run()
      },
    }
  })

describe('NoiseStream', () => {
  it('draws evenly from [0, 1), the same for the same seed', () => {
    const draws = (seed: number) => {
      const stream = new NoiseStream(seed)
      return Array.from({ length: 20_000 }, () => stream.next())
    }
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const tenths = new Array<number>(10).fill(0)
      for (const value of draws(seed)) tenths[Math.floor(value * 10)]++
      for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(220)
    }
    expect(draws(7)).toEqual(draws(7))
    expect(draws(7)).not.toEqual(draws(8))
  })
})

describe('SimClock', () => {
  it('fires no timer of a stopped node', () => {
    const fabric = createTestFabric()
    const { kernel } = fabric
    const clock = new SimClock(fabric.add('node'))
    let fired = 0
    clock.setTimer(10, () => fired++)
    clock.setTimer(30, () => fired++)
    kernel.run(20)
    clock.stop()
    kernel.run()
    expect(fired).toBe(1)
  })
})

describe('SimChunkStore', () => {
  const content = new SimContent('content', 3000, 1000)

  it('reports what must never be kept: wrong data, or a chunk twice', () => {
    const broken: string[] = []
    const audit = { violate: (invariant: string, what: string) => broken.push(`${invariant}: ${what}`) }
    const store = new SimChunkStore(content, false, 'peer-1', audit)
    store.write(1, content.corruptBody(1), () => {})
    store.write(1, content.body(1), () => {})
    expect(broken).toEqual([
      'no chunk accepted with a wrong digest: peer-1 keeps a bad chunk 1',
      'no fetch completes twice: peer-1 keeps chunk 1 again',
    ])
  })

  it('holds everything from the start where it is a seed’s', () => {
    const store = new SimChunkStore(content, true, 'seed', failingAudit)
    expect(store.initial.isFull).toBe(true)
    store.read(2, (body) => expect(body).toBe(content.body(2)))
  })

  it('hands out wrong data at a polluter’s, as often as asked', () => {
    const seed = new SimChunkStore(content, true, 'seed', failingAudit)
    const store = new PollutingStore(seed, content, 0.25, new SeededRandom('pollution'))
    let wrong = 0
    for (let i = 0; i < 4000; i++) store.read(0, (body) => (wrong += body === content.corruptBody(0) ? 1 : 0))
    expect(Math.abs(wrong / 4000 - 0.25)).toBeLessThan(0.035)
  })
})

describe('MemoryRecorder', () => {
  it('samples each place at its rate, the same decisions each time', () => {
    const sample = () => {
      const recorder = new MemoryRecorder({
        sampleRates: { peer: 0.2, tracker: 0 },
        random: new SeededRandom('sample'),
      })
      return Array.from({ length: 2000 }, () => recorder.wants('peer'))
    }
    expect(sample()).toEqual(sample())
    expect(Math.abs(sample().filter(Boolean).length / 2000 - 0.2)).toBeLessThan(0.05)
    const recorder = new MemoryRecorder({
      sampleRates: { peer: 0, tracker: 0 },
      random: new SeededRandom('x'),
    })
    expect(recorder.wants('tracker')).toBe(false)
    recorder.record(row())
    expect(recorder.rows).toHaveLength(1)
  })
})
