import type { Address } from '../peer/protocol/ids.ts'
import type { LinkIndex } from './flow-network.ts'
import { HostRecords } from './host-records.ts'
import type { HostVariation } from './host-variation.ts'
import type { NatType } from './nat.ts'

/** What a host is made of. */
export interface HostSpec {
  readonly address: Address
  readonly region: string
  /** Bytes per second. */
  readonly upBps: number
  /** Bytes per second. */
  readonly downBps: number
  /** One-way delay between the host and its provider's core. */
  readonly lastMileMs: number
  /** Its provider of access, where that matters. */
  readonly isp?: string
  /** What stands before a peer; undefined for servers, which everybody reaches. */
  readonly nat?: NatType
  /** How its capacities change; `upBps` and `downBps` are the most that they reach. */
  readonly variation?: HostVariation
}

/** How good an access line is now, compared with what it is made for. */
export interface LineQuality {
  /** Shares of the nominal rates. */
  readonly upShare: number
  readonly downShare: number
  /** Added to the one-way delay. */
  readonly addedMs: number
  /** Added packet loss. */
  readonly lossRate: number
}

export const SOUND: LineQuality = { upShare: 1, downShare: 1, addedMs: 0, lossRate: 0 }

/** A machine at the edge of the simulated network, with an up-link and a down-link of its own. */
export class SimHost {
  readonly address: Address
  readonly region: string
  readonly lastMileMs: number
  readonly isp: string | undefined
  readonly nat: NatType | undefined
  /** Nominal rates, bytes per second: the most that there is at any time. */
  readonly upBps: number
  readonly downBps: number
  /** What the access line has now, bytes per second. */
  upLineBps: number
  downLineBps: number
  /** Share of the line's up rate that is there now. */
  upShare = 1
  quality = SOUND
  readonly upLink: LinkIndex
  readonly downLink: LinkIndex
  /** Number of the host whose access line this one is on: its own, unless they share it. */
  readonly line: number
  /** Stable hash of the address and the seed; what is drawn per pair of hosts is drawn from both hosts' keys. */
  readonly key: number
  /** Place among all hosts in the order in which they came. */
  readonly number: number
  /** Attempts to connect whose luck was drawn. */
  dials = 0
  /** Links that are up. */
  openLinks = 0
  readonly #records: HostRecords

  /** `records`: where what chunks touch of it goes. */
  constructor(
    spec: HostSpec,
    upLink: LinkIndex,
    downLink: LinkIndex,
    key: number,
    records: HostRecords = new HostRecords(),
    line?: number,
  ) {
    this.address = spec.address
    this.region = spec.region
    this.lastMileMs = spec.lastMileMs
    this.isp = spec.isp
    this.nat = spec.nat
    this.upBps = this.upLineBps = spec.upBps
    this.downBps = this.downLineBps = spec.downBps
    this.upLink = upLink
    this.downLink = downLink
    this.#records = records
    this.number = records.add(spec.upBps, spec.downBps, upLink, downLink)
    this.line = line ?? this.number
    this.key = key
  }

  /** Chunks being sent and received now. */
  get uploads(): number {
    return this.#records.uploads(this.number)
  }

  get downloads(): number {
    return this.#records.downloads(this.number)
  }

  /** Requests on their way to this host or waiting there. */
  get pendingRequests(): number {
    return this.#records.pendingRequests(this.number)
  }

  /** Bytes that have crossed the host's links in chunk transfers. */
  get sentBytes(): number {
    return this.#records.sentBytes(this.number)
  }

  get receivedBytes(): number {
    return this.#records.receivedBytes(this.number)
  }

  /** When bytes last came; senders go on until they hear that the host has gone. */
  get lastReceivedMs(): number {
    return this.#records.lastReceivedMs(this.number)
  }
}
