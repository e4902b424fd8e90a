import type { KnownOrigin } from '../../peer/core/options.ts'
import type { Random } from '../../peer/ports/random.ts'
import { normal } from '../normal.ts'
import type { NodePlan } from '../population.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'
import type { Catalogue } from './catalogue.ts'
import type { MusicConfig } from './config.ts'
import type { Listener } from './listener.ts'
import type { Sitting, Visit } from './person.ts'
import { Play, type PlayHost, type PlayRecord } from './play.ts'
import type { TrackCore } from './track-core.ts'
import { TrackHost } from './track-host.ts'

/** One session of one listener: a client that is started, plays track after track, serves what it has, and is closed. */
export class ListenerNode extends SimNode implements PlayHost {
  host: TrackHost | undefined
  readonly #past: TrackHost[] = []
  readonly #listener: Listener
  readonly #catalogue: Catalogue
  readonly #config: MusicConfig
  readonly #sitting: Sitting
  readonly #openRandom: Random
  readonly #server: SimNode | undefined
  readonly #record: (play: PlayRecord) => void
  #play: Play | undefined
  /** The track that is fetched ahead. */
  #next: TrackCore | undefined

  constructor(
    plan: NodePlan,
    context: WorldContext,
    config: MusicConfig,
    catalogue: Catalogue,
    listener: Listener,
    server: SimNode | undefined,
    record: (play: PlayRecord) => void,
  ) {
    super(plan, context)
    this.#listener = listener
    this.#catalogue = catalogue
    this.#config = config
    this.#sitting = listener.person.sitDown(plan.label)
    this.#openRandom = context.random.fork('open', plan.label)
    this.#server = server
    this.#record = record
  }

  accounts(): NodeAccount[] {
    return [...this.#past, ...(this.host ? [this.host] : [])].flatMap((host) => host.accounts())
  }

  over(): void {
    this.#endPlay()
    this.#begin(this.#sitting.next())
  }

  ahead(fromServer: boolean): void {
    const { byteRateBps } = this.#listener.tier
    const next = this.host!.core(this.#catalogue.recording(this.#sitting.expected, byteRateBps))
    if (next === this.#play?.core) return
    if (this.#next !== next) this.#next?.unload()
    this.#next = next
    if (next.peer.isComplete) return
    next.announce()
    next.prepare(this.ports.clock, this.#config, fromServer ? 'all' : 'peers')
  }

  protected begin(): void {
    const host = this.#open()
    host.start()
    host.tellOf(this.#listener.lastHeard(this.#config.cache.remembered, this.#catalogue))
    this.#begin(this.#sitting.next())
  }

  protected leave(): void {
    this.#endPlay()
    this.host!.leave()
  }

  protected crash(): void {
    this.#endPlay()
    this.host!.crash()
  }

  protected override restart(keepsCache: boolean): boolean {
    if (!keepsCache) this.#listener.forget()
    this.begin()
    return true
  }

  #open(): TrackHost {
    const { config } = this.context
    if (this.host) this.#past.push(this.host)
    this.host = new TrackHost(this, this.context, this.#catalogue, {
      session: this.#past.length,
      router: this.#config.node,
      settings: { ...config.peer, giveUpMs: 0, ...(this.plan.faults.isFreeRider && { maxUnchoked: 0 }) },
      isOrigin: false,
      origins: this.#server ? [originOf(this.#server)] : [],
      onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
      held: ({ contentId }) => this.#listener.held(contentId),
      putAway: (core) => this.#keep(core),
    })
    return this.host
  }

  #begin(visit: Visit): void {
    const core = this.host!.core(this.#catalogue.recording(visit.track, this.#listener.tier.byteRateBps))
    if (this.#next && this.#next !== core) this.#next.unload()
    this.#next = undefined
    core.announce()
    this.tell('act', { does: 'play', track: visit.track, isRandom: visit.isRandom })
    this.#play = new Play(visit, core, this.ports.clock, this.#config, this.#openMs(), this)
  }

  #endPlay(): void {
    const play = this.#play
    if (!play) return
    this.#play = undefined
    const record = play.end()
    const { track, latencyMs, stalls, isGivenUp } = record
    this.tell('act', { does: 'end play', track, latencyMs, stalls, isGivenUp })
    this.#record(record)
    this.#keep(play.core)
  }

  /** Puts what there is of a track into the cache; what has to go for it is no longer served. */
  #keep(core: TrackCore): void {
    core.isNews = false
    for (const gone of this.#listener.keep(core.recording, core.peer.have)) {
      const idle = this.host?.cores.get(gone)
      if (!idle || idle.deck) continue
      idle.isNews = false
      this.host?.close(gone, true)
    }
  }

  #serverRttMs(): number {
    return this.#server ? 2 * this.context.fabric.oneWayMs(this.network.host, this.#server.network.host) : 0
  }

  #openMs(): number {
    const { asksServer, medianMs, sigma } = this.#config.open
    return (asksServer ? this.#serverRttMs() : 0) + medianMs * Math.exp(sigma * normal(this.#openRandom))
  }
}

function originOf({ peerId, plan }: SimNode): KnownOrigin {
  return { peerId, address: plan.host.address, region: plan.host.region }
}
