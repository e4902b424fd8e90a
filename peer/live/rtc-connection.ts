import { type DataChannel, PeerConnection, type RtcConfig } from 'node-datachannel'
import { formatEndpoint } from '../protocol/endpoint.ts'
import { Deferred } from './deferred.ts'
import { RtcError } from './errors.ts'
import { isFiltered, orderCandidates, splitDescription } from './ice-candidates.ts'
import { type IceOptions, RTC_LIMITS, type RtcLimits } from './rtc-options.ts'
import { RtcStream } from './rtc-stream.ts'

/** A session description (RFC 8866) as signalling carries it, with all candidates in it. */
export interface Description {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

/** The kinds of candidates that a connection uses, as each end is seen from here. */
export interface CandidatePair {
  readonly local: string
  readonly remote: string
}

/** Connections that are not closed yet. The native objects stop working when they are collected. */
const alive = new Set<RtcConnection>()

/** How this process was last seen from outside, by the candidates of an offer or answer. */
let lastCandidates: readonly string[] = []

/** How many connections this process holds, those that send their last words included. */
export const rtcConnectionCount = (): number => alive.size

/** Waits until the connections of this process that were closed are gone. */
export async function rtcClosed(): Promise<void> {
  await Promise.all([...alive].filter(({ isClosing }) => isClosing).map(({ closed }) => closed))
}

/** One WebRTC connection with one data channel: offered by this node, or answering another's offer. */
export class RtcConnection {
  readonly #connection: PeerConnection
  readonly #limits: RtcLimits
  readonly #opened = new Deferred<RtcStream>()
  readonly #described = new Deferred<Description>()
  readonly #closed = new Deferred<void>()
  /** Kept for the same reason as `alive`. */
  #channel: DataChannel | undefined
  #stream: RtcStream | undefined
  #gatherTimer: NodeJS.Timeout | undefined
  readonly #candidateTimers = new Set<NodeJS.Timeout>()
  #timer: NodeJS.Timeout | undefined
  #isGone = false
  #isLingering = false
  /** Whether this side has a relay, which is told to send wherever the other one says. */
  readonly #hasRelay: boolean

  private constructor(ice: IceOptions, limits: RtcLimits) {
    this.#limits = limits
    this.#hasRelay = ice.turn.length > 0
    this.#connection = new PeerConnection('seedbed', configOf(ice, limits))
    alive.add(this)
    this.#connection.onStateChange((state) => this.#changed(state))
    this.#connection.onGatheringStateChange((state) => {
      if (state === 'complete') this.#describe()
    })
  }

  /** Starts a connection; the offer is for another node, whose answer `accept` takes. */
  static offer(ice: IceOptions, limits: RtcLimits = RTC_LIMITS): RtcConnection {
    const connection = new RtcConnection(ice, limits)
    connection.#open(connection.#connection.createDataChannel('seedbed'))
    connection.#awaitCandidates()
    connection.#limit(limits.offerTimeoutMs, 'nobody has answered the offer')
    return connection
  }

  /** Answers an offer. Throws RtcError where it can't be read. */
  static answer(offer: string, ice: IceOptions, limits: RtcLimits = RTC_LIMITS): RtcConnection {
    const connection = new RtcConnection(ice, limits)
    connection.#connection.onDataChannel((channel) => connection.#open(channel))
    const { sdp, candidates, mid } = splitDescription(offer)
    // Encryption must not begin on the other side before this one is connected (libdatachannel, pull request 1630): who is the
    // first to hear the other one is the last to be heard. Where nothing arrives before this side has sent something, and it
    // waits, that is the one who offers, who is asked to begin then.
    const isHeardFirst = isFiltered(candidates, lastCandidates)
    connection.#take({
      type: 'offer',
      sdp: isHeardFirst ? sdp.replace(/^a=setup:actpass/m, 'a=setup:active') : sdp,
    })
    connection.#awaitCandidates()
    void connection.description.then(
      // The other side may find a way at once; this one looks for it when the answer has arrived.
      () => connection.#look(candidates, mid, limits.answerLeadMs),
      () => undefined,
    )
    return connection
  }

  /** The offer or answer for the other side. Rejects with RtcError where the connection is closed first. */
  get description(): Promise<Description> {
    return this.#described.promise
  }

  /** The open channel. Rejects with RtcError where there is no way to the other side, or it takes too long. */
  get opened(): Promise<RtcStream> {
    return this.#opened.promise
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  get isClosing(): boolean {
    return this.#isGone || this.#isLingering
  }

  /** Which kinds of candidates (RFC 8445: host, srflx, prflx, relay) are in use; undefined before the connection is up. */
  get candidatePair(): CandidatePair | undefined {
    if (this.#isGone) return undefined
    const pair = this.#connection.getSelectedCandidatePair()
    return pair ? { local: pair.local.type, remote: pair.remote.type } : undefined
  }

  /** Smoothed round-trip time as the transport measures it, milliseconds; NaN where it does not know. */
  get rttMs(): number {
    const rttMs = this.#isGone ? 0 : this.#connection.rtt()
    return rttMs > 0 ? rttMs : NaN
  }

  /** Takes the answer to this node's offer. Throws RtcError where it can't be read. */
  accept(answer: string): void {
    if (this.isClosing) return
    const { sdp, candidates, mid } = splitDescription(answer)
    this.#take({ type: 'answer', sdp })
    this.#look(candidates, mid, 0)
  }

  /** Ends everything at once. */
  close(): void {
    this.#close('closed')
    this.#stream?.destroy()
  }

  #close(reason: string, lost?: Error): void {
    if (this.#isGone) return
    this.#isGone = true
    clearTimeout(this.#timer)
    clearTimeout(this.#gatherTimer)
    for (const timer of this.#candidateTimers) clearTimeout(timer)
    alive.delete(this)
    const error = new RtcError('E_RTC_UNCONNECTED', `no WebRTC connection: ${reason}`)
    this.#described.reject(error)
    this.#opened.reject(error)
    this.#stream?.lose(lost)
    this.#channel?.close()
    this.#connection.close()
    this.#closed.resolve()
  }

  #take({ type, sdp }: Description): void {
    this.#limit(this.#limits.connectTimeoutMs, 'no way to the other side was found in time')
    try {
      this.#connection.setRemoteDescription(sdp, type)
    } catch (error) {
      this.#close(`the ${type} can't be read`)
      throw new RtcError('E_RTC_DESCRIPTION', `invalid ${type}: it can't be read`, error)
    }
  }

  /** Tries the other side's candidates, those that are unlikely to lead there when the others have had their time. */
  #look(candidates: readonly string[], mid: string, afterMs: number): void {
    if (this.#isGone) return
    const own = splitDescription(this.#connection.localDescription()?.sdp ?? '').candidates
    const { likely, unlikely } = this.#hasRelay
      ? orderCandidates(candidates, own)
      : { likely: candidates, unlikely: [] }
    this.#addLater(likely, mid, afterMs)
    this.#addLater(unlikely, mid, afterMs + this.#limits.unlikelyAfterMs)
  }

  #addLater(candidates: readonly string[], mid: string, afterMs: number): void {
    if (candidates.length === 0) return
    const timer = setTimeout(() => {
      this.#candidateTimers.delete(timer)
      for (const candidate of candidates)
        try {
          this.#connection.addRemoteCandidate(candidate, mid)
        } catch {
          // One that can't be read is of no use; the others may be.
        }
    }, afterMs)
    this.#candidateTimers.add(timer)
  }

  #awaitCandidates(): void {
    this.#gatherTimer = setTimeout(() => this.#describe(), this.#limits.gatherTimeoutMs)
  }

  /** Candidates that come later are not sent after it: trackers carry one offer and one answer. */
  #describe(): void {
    clearTimeout(this.#gatherTimer)
    const description = this.#isGone ? null : this.#connection.localDescription()
    if (description?.type !== 'offer' && description?.type !== 'answer') return
    lastCandidates = splitDescription(description.sdp).candidates
    this.#described.resolve({ type: description.type, sdp: description.sdp })
  }

  #open(channel: DataChannel): void {
    // A channel that nobody listens to keeps the process alive after its end.
    channel.onClosed(() => {})
    // One channel is what both sides agreed on.
    if (this.#channel || this.#isGone) return channel.close()
    this.#channel = channel
    if (channel.isOpen()) return this.#begin(channel)
    channel.onOpen(() => this.#begin(channel))
  }

  #begin(channel: DataChannel): void {
    if (this.#stream || this.#isGone) return
    clearTimeout(this.#timer)
    for (const timer of this.#candidateTimers) clearTimeout(timer)
    const remote = this.#connection.getSelectedCandidatePair()?.remote
    const address = remote ? formatEndpoint(remote.address, remote.port) : ''
    this.#stream = new RtcStream(channel, address, this.#limits, (mayLinger) => this.#release(mayLinger))
    this.#opened.resolve(this.#stream)
  }

  /** The stream is done: bytes that are still under way get their time, unless the other side has closed too. */
  #release(mayLinger: boolean): void {
    if (this.#isGone) return
    if (!mayLinger) return this.#close('closed')
    this.#isLingering = true
    this.#limit(this.#limits.lingerMs, 'closed')
  }

  #changed(state: string): void {
    if (state === 'failed')
      this.#close(
        'there is no way to the other side',
        new RtcError('E_RTC_LOST', 'WebRTC connection lost: the other side is not heard of any more'),
      )
    else if (state === 'closed' || state === 'disconnected') this.#close('the other side has closed it')
  }

  #limit(ms: number, reason: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#close(reason), ms)
  }
}

function configOf({ stun, turn, relayOnly, bindAddress }: IceOptions, limits: RtcLimits): RtcConfig {
  return {
    iceServers: [
      ...stun.map((server) => `stun:${server}`),
      ...turn.map((server) => ({ ...server, relayType: 'TurnUdp' as const })),
    ],
    iceTransportPolicy: relayOnly ? 'relay' : 'all',
    maxMessageSize: Math.max(limits.messageBytes, 256 * 1024),
    ...(bindAddress !== undefined && { bindAddress }),
  }
}
