import { describe, expect, it } from 'vitest'
import { candidateOf, type FakeLink, PeerHarness } from './harness.testing.ts'

const SEED = [0, 1, 2, 3]

function leecher(h: PeerHarness, number: number): FakeLink {
  const link = h.dialIn(number, [])
  h.peer.message(link, { type: 'interested', interested: true })
  return link
}

const request = (h: PeerHarness, link: FakeLink, requestId: number, chunk = 0): void =>
  h.peer.message(link, { type: 'request', requestId, chunk })

describe('uploading', () => {
  it('tells a newcomer what it holds and unchokes it', () => {
    const h = new PeerHarness(4, SEED)
    const link = leecher(h, 2)
    expect(link.sentOf('bitfield')[0].chunks.count).toBe(4)
    expect(link.sentOf('unchoke')).toHaveLength(1)
  })

  it('serves as many as it has slots, queues a bounded number and refuses the rest', () => {
    const h = new PeerHarness(4, SEED, { uploadSlots: 1, uploadQueue: 1 })
    const links = [2, 3, 4].map((n) => leecher(h, n))
    links.forEach((link, i) => request(h, link, i))
    expect(links[0].sentOf('chunk')).toMatchObject([{ requestId: 0, chunk: 0, bytes: 1000, active: 1 }])
    expect(links[1].sent.at(-1)).toMatchObject({ type: 'unchoke' })
    expect(links[2].sentOf('busy')).toMatchObject([{ requestId: 2, active: 1, queued: 1 }])
    h.peer.chunkSent(links[0], 0, true)
    expect(links[1].sentOf('chunk')).toHaveLength(1)
    expect(h.peer.stats.uploadedBytes).toBe(1000)
  })

  it('gives one neighbour no more than its share', () => {
    const h = new PeerHarness(4, SEED, { uploadSlots: 4, uploadsPerNeighbour: 2 })
    const link = leecher(h, 2)
    for (let id = 0; id < 3; id++) request(h, link, id, id)
    expect(link.sentOf('chunk')).toHaveLength(2)
    expect(link.sentOf('busy')).toMatchObject([{ requestId: 2 }])
  })

  it('says while nothing follows from it that others lose interest', () => {
    const h = new PeerHarness(2, [0], { maxUnchoked: 1 })
    const canWait = () => h.network.interestCanWait
    h.join([candidateOf(2)])
    const seed = h.accept(2, [0, 1])
    h.peer.message(seed, { type: 'unchoke', active: 0, queued: 0 })
    const first = leecher(h, 3)
    expect([canWait(), first.sentOf('unchoke').length]).toEqual([true, 1])
    const second = leecher(h, 4)
    expect([canWait(), second.sentOf('unchoke').length]).toEqual([false, 0])
    h.peer.message(first, { type: 'interested', interested: false })
    expect([canWait(), second.sentOf('unchoke').length]).toEqual([true, 1])
    h.deliver(seed, 1, 1)
    expect([canWait(), h.peer.isComplete]).toEqual([false, true])
  })

  it('refuses chunks that it lacks and requests from the choked', () => {
    const h = new PeerHarness(4, [0], { maxUnchoked: 1 })
    const first = leecher(h, 2)
    const second = leecher(h, 3)
    request(h, first, 1, 3)
    request(h, first, 2, 99)
    request(h, second, 3, 0)
    expect(first.sentOf('busy')).toHaveLength(2)
    expect(second.sentOf('busy')).toHaveLength(1)
  })

  it('stops sending what is cancelled and goes on with the next', () => {
    const h = new PeerHarness(4, SEED, { uploadSlots: 1 })
    const a = leecher(h, 2)
    const b = leecher(h, 3)
    request(h, a, 1)
    request(h, b, 2)
    h.peer.message(a, { type: 'cancel', requestId: 1 })
    expect(h.network.aborted).toEqual([1])
    expect(b.sentOf('chunk')).toHaveLength(1)
    h.peer.message(b, { type: 'cancel', requestId: 2 })
    expect(h.peer.load).toEqual({ active: 0, queued: 0 })
  })

  it('frees the slot of a neighbour that goes away', () => {
    const h = new PeerHarness(4, SEED, { uploadSlots: 1 })
    const a = leecher(h, 2)
    const b = leecher(h, 3)
    request(h, a, 1)
    request(h, b, 2)
    h.peer.linkDown(a, 'lost')
    expect(b.sentOf('chunk')).toHaveLength(1)
  })

  it('passes places on when more are interested than it unchokes', () => {
    const h = new PeerHarness(4, SEED, { maxUnchoked: 1, chokeRoundMs: 10_000 })
    const a = leecher(h, 2)
    const b = leecher(h, 3)
    expect(b.sentOf('unchoke')).toHaveLength(0)
    h.clock.advance(10_000)
    expect(a.sentOf('choke')).toHaveLength(1)
    expect(b.sentOf('unchoke')).toHaveLength(1)
    h.clock.advance(10_000)
    expect(a.sentOf('unchoke')).toHaveLength(2)
  })

  it('serves nobody as a free-rider', () => {
    const h = new PeerHarness(4, SEED, { maxUnchoked: 0 })
    const link = leecher(h, 2)
    request(h, link, 1)
    expect(link.sentOf('unchoke')).toEqual([])
    expect(link.sentOf('chunk')).toEqual([])
    h.clock.advance(1e6)
    expect(link.sentOf('unchoke')).toEqual([])
  })

  it('has no use for another complete peer', () => {
    const h = new PeerHarness(4, SEED)
    expect(h.dialIn(2, SEED).isClosed).toBe(true)
    const link = leecher(h, 3)
    h.peer.message(link, { type: 'interested', interested: false })
    expect(link.isClosed).toBe(true)
  })

  it('takes no candidates and dials nobody once it is complete', () => {
    const h = new PeerHarness(4, SEED)
    const tracker = h.join([candidateOf(2)])
    expect(tracker.sentOf('announce')).toMatchObject([{ wanted: 0 }])
    h.peer.linkDown(h.dialIn(3, []), 'closed')
    expect(h.network.links).toHaveLength(1)
  })
})
