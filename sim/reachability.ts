import { mix32 } from './hash.ts'
import { type NatSettings, connectChance } from './nat.ts'
import type { SimHost } from './sim-host.ts'

/** Who can connect to whom. Servers (origins, trackers) are reached by everybody and reach everybody. */
export interface ReachabilitySettings {
  /** Share of the attempts between peers that succeed, whatever else stands in their way. */
  readonly connectSuccess: number
  /** Whether luck belongs to a pair of hosts for good, or to each attempt. */
  readonly draw: 'pair' | 'attempt'
  /** Null: no host is behind a translator. */
  readonly nat: NatSettings | null
  /** Carries what a pair that cannot connect sends each other; null: such an attempt fails. */
  readonly relay: RelaySettings | null
}

/** A server that forwards between peers (TURN, RFC 8656). */
export interface RelaySettings {
  readonly region: string
  /** Bytes per second that it forwards, all pairs together. */
  readonly capacityBps: number
}

export const REACHABILITY_DEFAULTS: ReachabilitySettings = {
  connectSuccess: 1,
  draw: 'pair',
  nat: null,
  relay: null,
}

export type Route = 'direct' | 'relayed' | 'none'

/** Tells the draws of who connects from all others that are made from the same hosts' keys. */
const PURPOSE = 0x636f6e6e

/** Decides how attempts to connect go. */
export class Reachability {
  readonly #settings: ReachabilitySettings
  readonly #isCertain: boolean

  constructor(settings: ReachabilitySettings) {
    this.#settings = settings
    this.#isCertain = settings.connectSuccess === 1 && settings.nat === null
  }

  /** How the dialler's next attempt goes; where luck belongs to attempts, each call is one. */
  route(dialler: SimHost, acceptor: SimHost): Route {
    if (this.#isCertain || dialler.nat === undefined || acceptor.nat === undefined) return 'direct'
    const { connectSuccess, nat, relay } = this.#settings
    const chance = connectSuccess * (nat ? connectChance(dialler.nat, acceptor.nat, nat) : 1)
    if (this.#draw(dialler, acceptor) < chance) return 'direct'
    return relay ? 'relayed' : 'none'
  }

  /** How two hosts are connected if they are, whoever dials; `direct` where that is left to each attempt. */
  between(one: SimHost, other: SimHost): Route {
    if (this.#settings.draw === 'attempt') return 'direct'
    const route = this.route(one, other)
    return route === 'direct' ? route : this.route(other, one)
  }

  #draw(dialler: SimHost, acceptor: SimHost): number {
    const [low, high] = [dialler.key, acceptor.key].sort((a, b) => a - b)
    const ofPair = mix32(mix32(low ^ PURPOSE, high), PURPOSE)
    const drawn = this.#settings.draw === 'pair' ? ofPair : mix32(ofPair ^ dialler.key, ++dialler.dials)
    return (drawn + 0.5) / 2 ** 32
  }
}
