import { describe, expect, it } from 'vitest'
import { encodedBytes } from '../peer/protocol/codec.ts'
import type { ChunkHeader, Message } from '../peer/protocol/messages.ts'
import { createTestFabric, TEST_RTT_MS, TestNode } from './fabric.testing.ts'
import type { Kernel } from './kernel.ts'
import { NETWORK_DEFAULTS } from './network-settings.ts'
import type { HostSpec } from './sim-host.ts'
import { INITIAL_WINDOW_BYTES, SEGMENT_BYTES } from './tcp.ts'

const ONE_WAY_MS = TEST_RTT_MS / 2
const QUIET = { ...NETWORK_DEFAULTS, jitterShare: 0 }
const CHUNK_BYTES = 500_000
const header = (requestId: number, bytes = CHUNK_BYTES): ChunkHeader => ({
  type: 'chunk',
  requestId,
  chunk: requestId,
  bytes,
  active: 0,
  queued: 0,
})
const WIRE_BYTES = encodedBytes(header(1)) + CHUNK_BYTES

function pair(settings = QUIET, spec?: Partial<HostSpec>) {
  const fabric = createTestFabric({ settings, checksMessages: true })
  return {
    fabric,
    kernel: fabric.kernel,
    a: new TestNode(fabric, 'a', spec),
    b: new TestNode(fabric, 'b', spec),
  }
}

describe('connection set-up', () => {
  it('takes half a round trip to the acceptor and a whole one to the dialler', () => {
    const { kernel, a, b } = pair()
    a.network.connect('b')
    kernel.run()
    expect(b.log).toEqual(['up @20'])
    expect(a.log).toEqual(['up @40'])
    expect(a.links[0].rttMs).toBe(40)
  })

  it('counts both last miles', () => {
    const { kernel, a, b } = pair(QUIET, { lastMileMs: 15 })
    a.network.connect('b')
    kernel.run()
    expect([b.log, a.log]).toEqual([['up @50'], ['up @100']])
  })

  it('is refused after a round trip, unreachable after the time-out', () => {
    const { kernel, a, b } = pair()
    b.network.shutDown()
    a.network.connect('b')
    kernel.run()
    a.network.connect('unknown')
    kernel.run()
    b.network.crash()
    a.network.connect('b')
    kernel.run()
    expect(a.log).toEqual(['refused @40', 'unreachable @21040', 'unreachable @42040'])
  })
})

describe('messages', () => {
  it('take propagation and transmission at both access links', () => {
    const { kernel, a, b } = pair(QUIET, { upBps: 1000, downBps: 4000 })
    const link = a.connect(b)
    const startMs = kernel.nowMs
    const message: Message = { type: 'have', chunk: 1, active: 0, queued: 0 }
    a.network.send(link, message)
    kernel.run()
    const bytes = encodedBytes(message)
    expect(b.log).toEqual([`have @${startMs + ONE_WAY_MS + bytes * (1 + 0.25)}`])
  })

  it('do not overtake each other, whatever jitter and loss do', () => {
    const { kernel, a, b } = pair({ ...QUIET, jitterShare: 2, lossRate: 0.2 })
    const link = a.connect(b)
    const types = ['choke', 'interested', 'choke', 'interested'] as const
    for (let i = 0; i < 400; i++) {
      const type = types[i % 4]
      a.network.send(link, type === 'choke' ? { type } : { type, interested: true })
    }
    kernel.run()
    expect(b.log.map((entry) => entry.split(' ')[0])).toEqual(
      Array.from({ length: 400 }, (_, i) => types[i % 4]),
    )
  })
})

describe('a chunk', () => {
  it('takes size / rate, propagation, and the stalls of slow start', () => {
    const { kernel, a, b } = pair()
    const link = a.connect(b)
    const startMs = kernel.nowMs
    a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
    kernel.run()
    // 1 MB/s × 40 ms = 40 kB fill the path: windows of 14.6 and 29.2 kB stall, the third does not.
    const stallsMs = 2 * (TEST_RTT_MS + SEGMENT_BYTES / 1000) - (3 * INITIAL_WINDOW_BYTES) / 1000
    const sentMs = startMs + stallsMs + WIRE_BYTES / 1000
    expect(a.log).toEqual([`sent 1 @${round(sentMs)}`])
    expect(b.log).toEqual([`begins 1 @${startMs + ONE_WAY_MS}`, `arrived 1 @${round(sentMs + ONE_WAY_MS)}`])
  })

  it('pays no slow start on a warm connection, and again after an idle time', () => {
    const { kernel, a, b } = pair()
    const link = a.connect(b)
    const tookMs = () => {
      const startMs = kernel.nowMs
      const before = a.log.length
      a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
      while (a.log.length === before) kernel.step()
      return kernel.nowMs - startMs
    }
    const coldMs = tookMs()
    const warmMs = tookMs()
    kernel.run(kernel.nowMs + 10_000)
    expect(warmMs).toBeCloseTo(WIRE_BYTES / 1000, 3)
    expect(coldMs).toBeGreaterThan(warmMs + 30)
    expect(tookMs()).toBeCloseTo(coldMs, 3)
  })

  it('shares its links with others', () => {
    const { fabric, kernel, a, b } = pair({ ...QUIET, slowStart: false })
    const c = new TestNode(fabric, 'c')
    const first = a.connect(b)
    const second = a.connect(c)
    const startMs = kernel.nowMs
    a.network.sendChunk(first, header(1), { bytes: CHUNK_BYTES })
    a.network.sendChunk(second, header(2), { bytes: CHUNK_BYTES })
    kernel.run()
    expect(a.log).toEqual([1, 2].map((id) => `sent ${id} @${round(startMs + (2 * WIRE_BYTES) / 1000)}`))
  })

  it('is capped by window / round-trip time and by loss (Mathis)', () => {
    const rates = [
      [{ ...QUIET, slowStart: false, maxWindowBytes: 8000 }, 8000 / 0.04],
      [{ ...QUIET, slowStart: false, lossRate: 0.02 }, (SEGMENT_BYTES / 0.04) * Math.sqrt(1.5 / 0.02)],
    ] as const
    for (const [settings, bps] of rates) {
      const { kernel, a, b } = pair(settings)
      const link = a.connect(b)
      const startMs = kernel.nowMs
      a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
      kernel.run()
      expect(a.log[0]).toBe(`sent 1 @${round(startMs + (1000 * WIRE_BYTES) / bps)}`)
    }
  })

  it('crosses the shared bottlenecks between regions, not within one', () => {
    const fabric = createTestFabric({
      settings: { ...QUIET, slowStart: false, transitBps: { 'eu-west': 100_000 } },
    })
    const a = new TestNode(fabric, 'a')
    const near = new TestNode(fabric, 'near')
    const far = new TestNode(fabric, 'far', { region: 'oceania' })
    for (const [other, bps] of [
      [near, 1e6],
      [far, 1e5],
    ] as const) {
      const link = a.connect(other)
      const startMs = fabric.kernel.nowMs
      a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
      fabric.kernel.run()
      expect(a.log[0]).toBe(`sent 1 @${round(startMs + (1000 * WIRE_BYTES) / bps)}`)
    }
  })
})

describe('the end of a link', () => {
  it('lets a chunk that has left arrive, and then closes', () => {
    const { kernel, a, b } = pair({ ...QUIET, slowStart: false })
    const link = a.connect(b)
    const startMs = kernel.nowMs
    a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
    while (a.log.length === 0) kernel.step()
    a.network.close(link)
    kernel.run()
    const arrivedMs = round(startMs + WIRE_BYTES / 1000 + ONE_WAY_MS)
    expect(b.log.slice(1)).toEqual([`arrived 1 @${arrivedMs}`, `closed @${arrivedMs}`])
  })

  it('goes unnoticed at first when a node vanishes', () => {
    const { kernel, a, b } = pair()
    const link = a.connect(b)
    const far = b.links[0]
    const startMs = kernel.nowMs
    b.network.send(far, { type: 'choke' })
    a.network.sendChunk(link, header(1), { bytes: CHUNK_BYTES })
    b.network.sendChunk(far, header(2), { bytes: CHUNK_BYTES })
    kernel.run(startMs + 100)
    b.network.crash()
    a.network.sendChunk(link, header(3), { bytes: CHUNK_BYTES })
    kernel.run()
    const [begins, choke, ...rest] = a.log
    expect([begins.split(' @')[0], choke.split(' @')[0]].sort()).toEqual(['begins 2', 'choke'])
    const lostMs = startMs + 100 + QUIET.lostDetectionMs
    expect(rest).toEqual([`given up 1 @${lostMs}`, `given up 3 @${lostMs}`, `lost @${lostMs}`])
    expect(b.log).toEqual([`begins 1 @${startMs + ONE_WAY_MS}`])
  })

  it('is heard at once by a node that loses its connection, which reaches nobody until it has it again', () => {
    const { kernel, a, b } = pair()
    a.connect(b)
    const startMs = kernel.nowMs
    b.network.sendChunk(b.links[0], header(1), { bytes: CHUNK_BYTES })
    kernel.run(startMs + 100)
    b.network.loseConnection()
    expect(b.log).toEqual([`given up 1 @${startMs + 100}`, `lost @${startMs + 100}`])
    b.network.connect('a')
    a.network.connect('b')
    kernel.run(startMs + 1000)
    b.network.regainConnection()
    kernel.run(startMs + 1100)
    expect(a.log.slice(1)).toEqual([`lost @${startMs + 1000 + TEST_RTT_MS}`])
    kernel.run()
    expect(b.log.slice(2)).toEqual([`unreachable @${startMs + 100 + QUIET.connectTimeoutMs}`])
    expect(a.log.at(-1)).toBe(`unreachable @${startMs + 100 + QUIET.connectTimeoutMs}`)
    a.network.connect('b')
    kernel.run()
    expect([a.log.at(-1), b.log.at(-1)].map((line) => line?.split(' ')[0])).toEqual(['up', 'up'])
  })

  it('accounts for every payload byte', () => {
    const { fabric, kernel, a, b } = pair()
    const link = a.connect(b)
    const far = b.links[0]
    for (const requestId of [1, 2, 3]) a.network.sendChunk(link, header(requestId), { bytes: CHUNK_BYTES })
    b.network.sendChunk(far, header(4), { bytes: CHUNK_BYTES })
    kernel.run(kernel.nowMs + 300)
    a.network.abortChunk(link, 2)
    while (fabric.ledger.sent === 0) kernel.step()
    b.network.crash()
    kernel.run()
    const { offered, sent, propagating, arrived, abandoned } = fabric.ledger
    expect(offered).toBe(4 * CHUNK_BYTES)
    expect(arrived + abandoned).toBe(offered)
    expect(propagating).toBe(0)
    expect(sent).toBeGreaterThanOrEqual(arrived)
    const { host } = a.network
    expect([host.uploads, host.downloads, host.openLinks]).toEqual([0, 0, 0])
    expect(host.sentBytes).toBeGreaterThan(0)
    expect(host.sentBytes).toBeLessThan(3 * WIRE_BYTES)
  })
})

const round = (ms: number): number => Math.round(ms * 1000) / 1000

describe('a line that gets worse', () => {
  it('slows what is under way, in both directions, and lets it go on as before when it is good again', () => {
    const durationMs = (change: (setLoss: (lossRate: number) => void, kernel: Kernel) => void): number[] => {
      const { fabric, kernel, a, b } = pair({ ...QUIET, slowStart: false })
      a.connect(b)
      const startMs = kernel.nowMs
      a.network.sendChunk(a.links[0], header(1), { bytes: CHUNK_BYTES })
      b.network.sendChunk(b.links[0], header(2), { bytes: CHUNK_BYTES })
      change((lossRate) => {
        fabric.setQuality(b.network.host, { upShare: 1, downShare: 1, addedMs: 0, lossRate })
      }, kernel)
      kernel.run()
      return [a, b].map(
        ({ log }) => Number(log.find((line) => line.startsWith('sent'))!.split('@')[1]) - startMs,
      )
    }
    const [calmMs] = durationMs(() => {})
    expect(calmMs).toBeCloseTo(WIRE_BYTES / 1000, 3)
    // Mathis et al.: 1,460 B / 40 ms · √1.5 / √0.04 = 223.5 kB/s, for the bytes that have not left after 100 ms.
    const lossyMs = 100 + (WIRE_BYTES - 100_000) / ((1460 / 40) * Math.sqrt(1.5 / 0.04))
    const worse = durationMs((setLoss, kernel) => {
      kernel.run(kernel.nowMs + 100)
      setLoss(0.04)
    })
    for (const ms of worse) expect(ms).toBeCloseTo(lossyMs, 0)
    const healed = durationMs((setLoss, kernel) => {
      kernel.run(kernel.nowMs + 100)
      setLoss(0.04)
      kernel.run(kernel.nowMs + 100)
      setLoss(0)
    })
    const lostMs = 100 - ((100 * 1460) / 40 / 1000) * Math.sqrt(1.5 / 0.04)
    for (const ms of healed) expect(ms).toBeCloseTo(calmMs + lostMs, 0)
  })

  it('delays what has not left yet of a chunk under way, and only that', () => {
    const arrivalMs = (change: (setDelay: (addedMs: number) => void, kernel: Kernel) => void): number => {
      const { fabric, kernel, a, b } = pair({ ...QUIET, slowStart: false })
      a.connect(b)
      const startMs = kernel.nowMs
      a.network.sendChunk(a.links[0], header(1), { bytes: CHUNK_BYTES })
      change((addedMs) => {
        fabric.setQuality(b.network.host, { upShare: 1, downShare: 1, addedMs, lossRate: 0 })
      }, kernel)
      kernel.run()
      return Number(b.log.find((line) => line.startsWith('arrived'))!.split('@')[1]) - startMs
    }
    const calmMs = arrivalMs(() => {})
    const late = arrivalMs((setDelay, kernel) => {
      kernel.run(kernel.nowMs + 100)
      setDelay(300)
    })
    expect(late).toBeCloseTo(calmMs + 300, 6)
    const healed = arrivalMs((setDelay, kernel) => {
      kernel.run(kernel.nowMs + 100)
      setDelay(300)
      kernel.run(kernel.nowMs + 100)
      setDelay(0)
    })
    expect(healed).toBeCloseTo(calmMs, 6)
    // The last byte has left, and is on its way.
    const tooLate = arrivalMs((setDelay, kernel) => {
      kernel.run(kernel.nowMs + calmMs - 1)
      setDelay(300)
    })
    expect(tooLate).toBeCloseTo(calmMs, 6)
  })
})
