import { ChunkSet } from '../protocol/chunk-set.ts'
import { FEATURE_COUNT } from '../protocol/features.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { Candidate, ChunkHeader, Handshake, Message, MessageType } from '../protocol/messages.ts'
import type { ChunkBody, ChunkStore } from '../ports/chunk-store.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Link, LinkHandler, Network } from '../ports/network.ts'
import type { CandidateSet, Ranker, Ranking } from '../ports/ranker.ts'
import type { OutcomeRow, Recorder } from '../ports/recorder.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { PEER_DEFAULTS, type PeerOptions, type PeerSettings } from './options.ts'
import { Peer } from './peer.ts'

/** A clock that moves when a test says so. */
export class ManualClock implements Clock {
  #nowMs = 0
  #sequence = 0
  #timers: { atMs: number; sequence: number; callback: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, callback }
    this.#timers.push(timer)
    return timer
  }

  clearTimer(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  get pending(): number {
    return this.#timers.length
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const [next] = this.#timers
        .filter((timer) => timer.atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
      if (!next) break
      this.#nowMs = next.atMs
      this.clearTimer(next)
      next.callback()
    }
    this.#nowMs = untilMs
  }
}

export class FakeLink implements Link {
  readonly remote: string
  rttMs = 20
  context: unknown
  isClosed = false
  readonly sent: Message[] = []

  constructor(remote: string) {
    this.remote = remote
  }

  /** The messages of one type that the peer has sent on this link. */
  sentOf<T extends MessageType>(type: T): Extract<Message, { type: T }>[] {
    return this.sent.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }
}

/** Writes down what a core does; the test plays the other side. */
export class FakeNetwork implements Network {
  interestCanWait = false
  readonly links: FakeLink[] = []
  readonly aborted: number[] = []
  handler!: LinkHandler

  attach(handler: LinkHandler): void {
    this.handler = handler
  }

  connect(remote: string): FakeLink {
    const link = new FakeLink(remote)
    this.links.push(link)
    return link
  }

  close(link: Link): void {
    ;(link as FakeLink).isClosed = true
  }

  send(link: Link, message: Exclude<Message, ChunkHeader>): void {
    ;(link as FakeLink).sent.push(message)
  }

  sendChunk(link: Link, header: ChunkHeader): void {
    ;(link as FakeLink).sent.push(header)
  }

  abortChunk(_link: Link, requestId: number): void {
    this.aborted.push(requestId)
  }

  to(remote: string): FakeLink {
    const link = this.links.findLast((candidate) => candidate.remote === remote)
    if (!link) throw new Error(`no link to ${remote}`)
    return link
  }
}

/** Chunk bodies name their digest; reading and writing answer at once. */
export class FakeStore implements ChunkStore {
  readonly initial: ChunkSet
  readonly written: number[] = []

  constructor(initial: ChunkSet) {
    this.initial = initial
  }

  read(chunk: number, done: (body: ChunkBody | undefined) => void): void {
    done({ bytes: 1000, digest: digestOf(chunk) } as ChunkBody)
  }

  digest(body: ChunkBody, done: (digest: string) => void): void {
    done((body as unknown as { digest: string }).digest)
  }

  write(chunk: number, _body: ChunkBody, done: (kept: boolean) => void): void {
    this.written.push(chunk)
    done(true)
  }
}

/** Takes the first candidate; counts what it was asked. */
export class FirstRanker implements Ranker {
  readonly name = 'first'
  readonly version = '1'
  readonly readsFeatures = true
  readonly asked: { place: string; peerIds: string[]; features: Float32Array; wanted: number }[] = []

  rank(set: CandidateSet, wanted: number): Ranking {
    this.asked.push({
      place: set.place,
      peerIds: set.peerIds.slice(0, set.count),
      features: set.features.slice(0, set.count * FEATURE_COUNT),
      wanted,
    })
    const order = Array.from({ length: Math.min(wanted, set.count) }, (_, i) => i)
    return { order, scores: new Float32Array(set.count), propensity: 1, explored: false }
  }
}

export class ListRecorder implements Recorder {
  readonly rows: OutcomeRow[] = []

  wants(): boolean {
    return true
  }

  record(row: OutcomeRow): void {
    this.rows.push(row)
  }
}

export const digestOf = (chunk: number): string => chunk.toString(16).padStart(64, '0')
export const idOf = (number: number): string => number.toString(16).padStart(40, '0')
export const CONTENT_ID = 'c'.repeat(64)

export function manifestOf(chunks: number): Manifest {
  return {
    contentId: CONTENT_ID,
    name: 'test',
    totalBytes: chunks * 1000,
    chunkBytes: 1000,
    digests: Array.from({ length: chunks }, (_, chunk) => digestOf(chunk)),
  }
}

export const handshakeOf = (number: number, isOrigin = false): Handshake => ({
  type: 'handshake',
  contentId: CONTENT_ID,
  peerId: idOf(number),
  address: `peer-${number}`,
  region: 'eu-west',
  isOrigin,
  uploadSlots: 4,
})

export function candidateOf(number: number, more: Partial<Candidate> = {}): Candidate {
  return {
    peerId: idOf(number),
    address: `peer-${number}`,
    region: 'eu-west',
    isOrigin: false,
    uploadSlots: 4,
    active: 0,
    queued: 0,
    completeness: 1,
    sessionAgeMs: 0,
    loadAgeMs: 0,
    goodputBps: NaN,
    successShare: NaN,
    uploadBps: NaN,
    ...more,
  }
}

/** One peer core with number 1, and a test in the place of everybody else. */
export class PeerHarness {
  readonly clock = new ManualClock()
  readonly network = new FakeNetwork()
  readonly ranker = new FirstRanker()
  readonly recorder = new ListRecorder()
  readonly store: FakeStore
  readonly peer: Peer
  readonly chunkCount: number
  completions = 0

  constructor(
    chunkCount: number,
    held: readonly number[] = [],
    settings: Partial<PeerSettings> = {},
    more: Partial<PeerOptions> = {},
  ) {
    this.chunkCount = chunkCount
    this.store = new FakeStore(this.setOf(held))
    const { clock, network, ranker, recorder, store } = this
    this.peer = new Peer(
      { clock, network, ranker, recorder, store, random: new SeededRandom('test') },
      {
        peerId: idOf(1),
        address: 'peer-1',
        region: 'eu-west',
        isOrigin: false,
        manifest: manifestOf(chunkCount),
        trackers: ['tracker'],
        settings: { ...PEER_DEFAULTS, ...settings },
        onComplete: () => this.completions++,
        ...more,
      },
    )
  }

  setOf(chunks: readonly number[]): ChunkSet {
    const set = new ChunkSet(this.chunkCount)
    for (const chunk of chunks) set.add(chunk)
    return set
  }

  /** Starts the peer and answers its first announce. */
  join(candidates: readonly Candidate[]): FakeLink {
    this.peer.start()
    const tracker = this.network.to('tracker')
    this.peer.linkUp(tracker, false)
    this.answer(candidates)
    return tracker
  }

  answer(candidates: readonly Candidate[], intervalMs = 30_000, tracker = 'tracker'): void {
    const [policy, policyVersion] = ['random', '1']
    const counts = { seeds: candidates.length, leechers: 1 }
    this.peer.message(this.network.to(tracker), {
      ...{
        type: 'candidates',
        contentId: CONTENT_ID,
        intervalMs,
        ...counts,
        policy,
        policyVersion,
        candidates,
      },
    } as Message as Exclude<Message, ChunkHeader>)
  }

  /** The peer of that number accepts the dial, shakes hands, says what it holds and unchokes. */
  accept(number: number, held: readonly number[], more: { isOrigin?: boolean } = {}): FakeLink {
    const link = this.network.to(`peer-${number}`)
    this.peer.linkUp(link, false)
    this.shake(link, number, held, more)
    this.peer.message(link, { type: 'unchoke', active: 0, queued: 0 })
    return link
  }

  /** The peer of that number dials in and says what it holds. */
  dialIn(number: number, held: readonly number[]): FakeLink {
    const link = new FakeLink(`peer-${number}`)
    this.peer.linkUp(link, true)
    this.shake(link, number, held)
    return link
  }

  shake(link: FakeLink, number: number, held: readonly number[], { isOrigin = false } = {}): void {
    this.peer.message(link, handshakeOf(number, isOrigin))
    if (held.length > 0) this.peer.message(link, { type: 'bitfield', chunks: this.setOf(held) })
  }

  /** Delivers the chunk that a request asked for. */
  deliver(link: FakeLink, requestId: number, chunk: number, digest = digestOf(chunk)): void {
    const header: ChunkHeader = { type: 'chunk', requestId, chunk, bytes: 1000, active: 1, queued: 0 }
    this.peer.chunkBegins(link, header)
    this.peer.chunkArrived(link, header, { bytes: 1000, digest } as ChunkBody)
  }
}
