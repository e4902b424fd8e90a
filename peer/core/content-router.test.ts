import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { NOTHING_WANTED } from './chunk-demand.ts'
import { ContentRouter, type RouterSettings } from './content-router.ts'
import {
  candidateOf,
  FakeLink,
  FakeNetwork,
  FakeStore,
  FirstRanker,
  idOf,
  ListRecorder,
  ManualClock,
  manifestOf,
} from './harness.testing.ts'
import { PEER_DEFAULTS } from './options.ts'
import { Peer } from './peer.ts'
import { UploadSlots } from './upload-slots.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const UNKNOWN = 'd'.repeat(64)

/** A node that holds contents A and B whole and makes their peers when somebody asks for them. */
class Node {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly router: ContentRouter
  readonly peers = new Map<string, Peer>()
  readonly slots = new UploadSlots(1)

  constructor(settings: Partial<RouterSettings> = {}) {
    this.router = new ContentRouter(this.clock, this.network, {
      settings: { softLinks: 2, hardLinks: 3, idleLinkMs: 60_000, handshakeTimeoutMs: 5_000, ...settings },
      shared: ['tracker'],
      spare: ['origin'],
      summon: (contentId) => void (contentId !== UNKNOWN && this.open(contentId)),
    })
  }

  open(contentId: string, held = [0, 1, 2, 3]): Peer {
    const { clock, slots } = this
    const have = new ChunkSet(4)
    for (const chunk of held) have.add(chunk)
    const peer = new Peer(
      {
        clock,
        network: this.router.open(contentId),
        ranker: new FirstRanker(),
        recorder: new ListRecorder(),
        store: new FakeStore(have),
        random: new SeededRandom('test'),
      },
      {
        peerId: idOf(1),
        address: 'peer-1',
        region: 'eu-west',
        isOrigin: false,
        manifest: { ...manifestOf(4), contentId },
        trackers: ['tracker'],
        settings: PEER_DEFAULTS,
        sharedSlots: slots,
      },
    )
    if (held.length === 4) peer.demand = NOTHING_WANTED
    this.peers.set(contentId, peer)
    return peer
  }

  /** Another node dials in, and names a content. */
  dialIn(number: number, contentId: string): FakeLink {
    const link = new FakeLink(`peer-${number}`)
    this.router.linkUp(link, true)
    if (!link.isClosed) this.shake(link, number, contentId)
    return link
  }

  shake(link: FakeLink, number: number, contentId: string): void {
    this.router.message(link, {
      type: 'handshake',
      contentId,
      peerId: idOf(number),
      address: `peer-${number}`,
      region: 'eu-west',
      isOrigin: false,
      uploadSlots: 4,
    })
  }

  answer(contentId: string, numbers: readonly number[]): void {
    this.router.message(this.network.to('tracker'), {
      type: 'candidates',
      contentId,
      intervalMs: 30_000,
      seeds: 1,
      leechers: 1,
      policy: 'random',
      policyVersion: '1',
      candidates: numbers.map((number) => candidateOf(number)),
    })
  }
}

describe('incoming links', () => {
  it('go to the content that their handshake names, whose peer is made on demand', () => {
    const node = new Node()
    const links = [node.dialIn(2, A), node.dialIn(3, B)]
    expect([...node.peers.keys()]).toEqual([A, B])
    expect(links.map((link) => link.sentOf('handshake')[0].contentId)).toEqual([A, B])
    expect(node.router.linkCount).toBe(2)
    node.router.message(links[0], { type: 'interested', interested: true })
    node.router.message(links[0], { type: 'request', requestId: 1, chunk: 2 })
    expect(links[0].sentOf('chunk')).toMatchObject([{ chunk: 2 }])
  })

  it('are closed where the content is unknown, no handshake comes, or there are too many', () => {
    const node = new Node()
    expect(node.dialIn(2, UNKNOWN).isClosed).toBe(true)
    const silent = new FakeLink('peer-3')
    node.router.linkUp(silent, true)
    node.clock.advance(5_001)
    expect(silent.isClosed).toBe(true)
    const links = [2, 3, 4, 5].map((number) => node.dialIn(number, A))
    expect(links.map(({ isClosed }) => isClosed)).toEqual([false, false, false, true])
  })

  it('share the upload slots of the node', () => {
    const node = new Node()
    const [a, b] = [node.dialIn(2, A), node.dialIn(3, B)]
    for (const link of [a, b]) {
      node.router.message(link, { type: 'interested', interested: true })
      node.router.message(link, { type: 'request', requestId: 1, chunk: 0 })
    }
    expect([a.sentOf('chunk').length, b.sentOf('chunk').length]).toEqual([1, 0])
    node.router.chunkSent(a, 1, true)
    expect(b.sentOf('chunk')).toHaveLength(1)
    expect(node.peers.get(A)!.stats.uploadedBytes).toBe(1000)
  })
})

describe('outgoing links', () => {
  it('to a tracker are one for all contents, told apart by the content', () => {
    const node = new Node({ softLinks: 10 })
    for (const contentId of [A, B]) node.open(contentId, []).start()
    node.router.linkUp(node.network.to('tracker'), false)
    expect(node.network.links.map(({ remote }) => remote)).toEqual(['tracker'])
    const { sent } = node.network.to('tracker')
    expect(sent).toMatchObject([
      { type: 'announce', contentId: A },
      { type: 'announce', contentId: B },
    ])
    node.answer(B, [7])
    expect(node.network.to('peer-7').isClosed).toBe(false)
    node.peers.get(A)!.leave()
    expect(sent.at(-1)).toMatchObject({ type: 'leave', contentId: A })
    expect(node.network.to('tracker').isClosed).toBe(false)
    node.router.stop()
    expect(node.network.links.every(({ isClosed }) => isClosed)).toBe(true)
  })

  it('to a tracker come up at once where one is up, and go down for all', () => {
    const node = new Node()
    node.open(A, []).start()
    const tracker = node.network.to('tracker')
    node.router.linkUp(tracker, false)
    const peer = node.open(B, [])
    peer.start()
    node.clock.advance(0)
    expect(tracker.sentOf('announce')).toHaveLength(2)
    node.router.linkDown(tracker, 'lost')
    expect([...node.peers.values()].map(({ stats }) => stats.failedAnnounces)).toEqual([1, 1])
  })

  it('to other nodes are dialled up to the soft limit, or in the place of one out of use', () => {
    const node = new Node()
    const peer = node.open(A, [])
    peer.start()
    node.router.linkUp(node.network.to('tracker'), false)
    node.answer(A, [2, 3, 4])
    expect(node.network.links.map(({ remote }) => remote)).toEqual(['tracker', 'peer-2', 'peer-3'])
    node.clock.advance(1)
    expect(node.router.linkCount).toBe(2)
    for (const number of [2, 3]) {
      node.router.linkUp(node.network.to(`peer-${number}`), false)
      node.shake(node.network.to(`peer-${number}`), number, A)
    }
    node.clock.advance(20_000)
    const link = node.network.to('peer-3')
    node.router.message(link, { type: 'bitfield', chunks: ChunkSet.full(4) })
    node.router.message(link, { type: 'unchoke', active: 0, queued: 0 })
    node.clock.advance(15_000)
    node.open(B, []).start()
    node.clock.advance(0)
    node.answer(B, [4])
    expect(node.network.to('peer-2').isClosed).toBe(true)
    expect(link.isClosed).toBe(false)
    expect(node.network.to('peer-4').isClosed).toBe(false)
  })

  it('are closed when they have been out of use for long', () => {
    const node = new Node()
    const link = node.dialIn(2, A)
    node.clock.advance(50_000)
    node.router.message(link, { type: 'request', requestId: 1, chunk: 0 })
    node.clock.advance(50_000)
    expect(link.isClosed).toBe(false)
    node.clock.advance(50_000)
    expect([link.isClosed, node.router.linksOf(A), node.peers.get(A)!.neighbourCount]).toEqual([true, 0, 0])
  })

  it('to an origin are kept ready, and taken over by whoever needs one', () => {
    const node = new Node()
    node.router.start()
    const ready = node.network.to('origin')
    node.router.linkUp(ready, false)
    const network = node.router.open(A)
    const heard: unknown[] = []
    network.attach({
      linkUp: (link, incoming) => heard.push(link, incoming),
      linkDown: () => undefined,
      message: () => undefined,
      chunkBegins: () => undefined,
      chunkArrived: () => undefined,
      chunkSent: () => undefined,
    })
    expect(network.connect('origin')).toBe(ready)
    expect(heard).toEqual([])
    node.clock.advance(0)
    expect(heard).toEqual([ready, false])
    expect(node.network.links).toHaveLength(2)
    expect(node.router.linkCount).toBe(0)
  })
})

describe('a content that is closed', () => {
  it('takes its links along and leaves the others theirs', () => {
    const node = new Node()
    const [a, b] = [node.dialIn(2, A), node.dialIn(3, B)]
    node.peers.get(A)!.crash()
    node.router.close(A)
    expect([a.isClosed, b.isClosed, node.router.linkCount]).toEqual([true, false, 1])
  })

  it('can be spoken of to the tracker, as soon as that is linked', () => {
    const node = new Node()
    node.router.tell('tracker', { type: 'leave', contentId: A, peerId: idOf(1) })
    const tracker = node.network.to('tracker')
    expect(tracker.sent).toEqual([])
    node.router.linkUp(tracker, false)
    expect(tracker.sent).toMatchObject([{ type: 'leave', contentId: A }])
    node.answer(A, [2])
    expect(node.network.links).toEqual([tracker])
  })
})
