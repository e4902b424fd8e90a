import { describe, expect, it } from 'vitest'
import { FlowNetwork } from './flow-network.ts'
import { HostRecords } from './host-records.ts'
import { Kernel } from './kernel.ts'
import { SEGMENT_BYTES } from './tcp.ts'
import { UplinkQueues, segmentWaitMs } from './uplink-queue.ts'

const UP_BPS = 100_000
const BUFFER_MS = 80

function line() {
  const kernel = new Kernel()
  const flows = new FlowNetwork(kernel)
  const upLink = flows.addLink(UP_BPS)
  const hosts = new HostRecords()
  const host = hosts.add(UP_BPS, UP_BPS, upLink, upLink)
  const queues = new UplinkQueues(flows, hosts, BUFFER_MS)
  const queue = { startMs: (nowMs: number, bytes: number) => queues.startMs(host, nowMs, bytes) }
  /** Sends chunks at `bps` bytes per second from now on. */
  const sendAt = (bps: number) => {
    flows.start(upLink, flows.addLink(1e9), 1e9, bps, () => {}, 0, 0)
    flows.settle()
  }
  return { queue, sendAt, flows, upLink }
}

describe('UplinkQueues', () => {
  it('sends one message after the other, and at once where none is before it', () => {
    const { queue } = line()
    expect(queue.startMs(0, 500)).toBe(0)
    expect(queue.startMs(0, 1000)).toBe(5)
    expect(queue.startMs(2, 100)).toBe(15)
    expect(queue.startMs(15, 100)).toBe(16)
    expect(queue.startMs(100, 100)).toBe(100)
  })

  it('lets messages wait as long as the load of chunks makes them, and a full buffer at saturation', () => {
    const waitsMs = [0.5, 0.9].map((load) => {
      const { queue, sendAt } = line()
      sendAt(load * UP_BPS)
      return queue.startMs(0, 10)
    })
    const segmentMs = (1000 * SEGMENT_BYTES) / UP_BPS
    expect(waitsMs[0]).toBeCloseTo(0.5 * segmentMs, 6)
    expect(waitsMs[1]).toBeCloseTo(4.5 * segmentMs, 6)
    const { queue, sendAt, flows, upLink } = line()
    sendAt(Infinity)
    expect(queue.startMs(0, 10)).toBe(BUFFER_MS)
    flows.setCapacity(upLink, 0)
    flows.settle()
    expect(queue.startMs(1000, 10)).toBe(1000)
  })

  it('keeps the order while the buffer drains', () => {
    const { queue, flows, upLink } = line()
    const flow = flows.start(upLink, flows.addLink(1e9), 1e9, Infinity, () => {}, 0, 0)
    flows.settle()
    expect(queue.startMs(0, 100)).toBe(BUFFER_MS)
    flows.abort(flow)
    flows.settle()
    expect(queue.startMs(1, 100)).toBe(BUFFER_MS + 1)
    expect(queue.startMs(BUFFER_MS + 5, 100)).toBe(BUFFER_MS + 5)
  })
})

describe('segmentWaitMs', () => {
  it('is the mean wait of a queue with random arrivals and service times without variance', () => {
    const [load, segments] = [0.8, 200_000]
    const serviceMs = (1000 * SEGMENT_BYTES) / UP_BPS
    let [atMs, freeMs, waitedMs, state] = [0, 0, 0, 1]
    for (let i = 0; i < segments; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      atMs -= (serviceMs / load) * Math.log((state + 0.5) / 2 ** 32)
      waitedMs += Math.max(freeMs - atMs, 0)
      freeMs = Math.max(freeMs, atMs) + serviceMs
    }
    expect(waitedMs / segments / segmentWaitMs(load, UP_BPS)).toBeCloseTo(1, 1)
    expect(segmentWaitMs(1, UP_BPS)).toBe(Infinity)
  })
})
