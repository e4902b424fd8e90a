import { ChunkSet } from '../protocol/chunk-set.ts'
import type { ChunkHeader } from '../protocol/messages.ts'
import { fullNumber, serialOf } from '../protocol/serial.ts'
import type { StreamManifest } from '../protocol/stream.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import type { StreamVerifier } from '../ports/stream-verifier.ts'
import {
  candidateOf,
  CONTENT_ID,
  FakeLink,
  FakeNetwork,
  FirstRanker,
  handshakeOf,
  idOf,
  ListRecorder,
  ManualClock,
} from './harness.testing.ts'
import { LIVE_DEFAULTS, type LiveSettings } from './live-options.ts'
import { LivePeer } from './live-peer.ts'
import { LiveSource } from './live-source.ts'
import type { LiveMember } from './live-member.ts'
import { PEER_DEFAULTS, type PeerSettings } from './options.ts'

/** Ten chunks a second. */
export const STREAM: StreamManifest = {
  contentId: CONTENT_ID,
  name: 'test',
  chunkBytes: 1000,
  rateBps: 10_000,
  publicKey: 'e'.repeat(64),
}
export const INTERVAL_MS = 100

interface TokenBody extends ChunkBody {
  readonly token: string
}

export const bodyOf = (number: number): TokenBody => ({ bytes: 1064, token: `chunk ${number}` })
export const badBody = (): TokenBody => ({ bytes: 1064, token: 'garbage' })

const verifier: StreamVerifier = {
  verify: (number, body, done) => done((body as TokenBody).token === `chunk ${number}`),
}

interface Played {
  readonly number: number
  readonly atMs: number
  readonly isThere: boolean
}

/** One viewer or source core with number 1, and a test in the place of everybody else. */
export class LiveHarness {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly recorder = new ListRecorder()
  readonly starts: number[] = []
  readonly chunks: number[] = []
  readonly played: Played[] = []
  takeovers = 0
  member!: LiveMember

  static viewer(live: Partial<LiveSettings> = {}, settings: Partial<PeerSettings> = {}): ViewerHarness {
    return new ViewerHarness(live, settings)
  }

  static source(isStandby = false, live: Partial<LiveSettings> = {}): SourceHarness {
    return new SourceHarness(isStandby, live)
  }

  ports() {
    const { clock, network, recorder } = this
    return {
      ...{ clock, network, recorder, verifier },
      ranker: new FirstRanker(),
      random: new SeededRandom('live'),
    }
  }

  options(live: Partial<LiveSettings>, settings: Partial<PeerSettings>, isOrigin: boolean) {
    return {
      peerId: idOf(1),
      address: 'peer-1',
      region: 'eu-west',
      isOrigin,
      manifest: STREAM,
      trackers: ['tracker'],
      settings: { ...PEER_DEFAULTS, ...settings },
      live: { ...LIVE_DEFAULTS, startBufferMs: 500, startPatienceMs: 2_000, ...live },
    }
  }

  /** Starts the member and answers its first announce with peers of those numbers. */
  join(...numbers: number[]): FakeLink {
    this.member.start()
    const tracker = this.network.to('tracker')
    this.member.linkUp(tracker, false)
    this.member.message(tracker, {
      type: 'candidates',
      contentId: CONTENT_ID,
      intervalMs: 600_000,
      seeds: 0,
      leechers: numbers.length,
      policy: 'random',
      policyVersion: '1',
      candidates: numbers.map((number) => candidateOf(number)),
    })
    return tracker
  }

  /** The peer of that number accepts the dial, shakes hands, unchokes and tells of chunks. */
  accept(number: number, held: readonly number[] = [], { isOrigin = false } = {}): FakeLink {
    const link = this.network.to(`peer-${number}`)
    this.member.linkUp(link, false)
    this.member.message(link, handshakeOf(number, isOrigin))
    this.member.message(link, { type: 'unchoke', active: 0, queued: 0 })
    if (held.length > 0) this.tell(link, held)
    return link
  }

  /** The peer of that number dials in and wants chunks. */
  dialIn(number: number): FakeLink {
    const link = new FakeLink(`peer-${number}`)
    this.member.linkUp(link, true)
    this.member.message(link, handshakeOf(number))
    this.member.message(link, { type: 'interested', interested: true })
    return link
  }

  /** A neighbour tells of its chunks, by a window. */
  tell(link: FakeLink, numbers: readonly number[]): void {
    const first = Math.min(...numbers)
    const chunks = new ChunkSet(Math.max(...numbers) - first + 1)
    for (const number of numbers) chunks.add(number - first)
    this.member.message(link, { type: 'window', first, chunks, active: 0, queued: 0 })
  }

  have(link: FakeLink, number: number): void {
    this.member.message(link, { type: 'have', chunk: serialOf(number), active: 0, queued: 0 })
  }
}

export class ViewerHarness extends LiveHarness {
  readonly peer: LivePeer

  constructor(live: Partial<LiveSettings>, settings: Partial<PeerSettings>) {
    super()
    this.peer = this.member = new LivePeer(this.ports(), {
      ...this.options(live, settings, false),
      onStart: (first) => this.starts.push(first),
      onChunk: (number) => this.chunks.push(number),
      onPlay: (number, body) =>
        this.played.push({ number, atMs: this.clock.nowMs(), isThere: body !== undefined }),
    })
  }

  /** The numbers asked for on a link, as on the wire. */
  asked(link: FakeLink): number[] {
    return link.sentOf('request').map(({ chunk }) => chunk)
  }

  /** Answers the requests on a link, and those that follow; `make` gives the body of a full number. */
  deliver(link: FakeLink, near: number, make: (number: number) => ChunkBody = bodyOf): void {
    for (;;) {
      const at = this.#answered.get(link) ?? 0
      const request = link.sentOf('request').at(at)
      if (!request || link.isClosed) return
      this.#answered.set(link, at + 1)
      const { requestId, chunk } = request
      const body = make(fullNumber(chunk, near))
      const header: ChunkHeader = { type: 'chunk', requestId, chunk, bytes: body.bytes, active: 1, queued: 0 }
      this.peer.chunkBegins(link, header)
      this.peer.chunkArrived(link, header, body)
    }
  }

  readonly #answered = new Map<FakeLink, number>()
}

export class SourceHarness extends LiveHarness {
  readonly source: LiveSource
  #next = 0

  constructor(isStandby: boolean, live: Partial<LiveSettings>) {
    super()
    this.source = this.member = new LiveSource(this.ports(), {
      ...this.options(live, {}, true),
      isStandby,
      onTakeover: () => this.takeovers++,
    })
  }

  /** The encoder's next chunks, one an interval. */
  emit(count: number): void {
    for (let i = 0; i < count; i++) {
      this.source.emit(this.#next, bodyOf(this.#next))
      this.#next++
      this.clock.advance(INTERVAL_MS)
    }
  }
}
