import type { Address } from '../peer/protocol/ids.ts'
import type { Link, LinkHandler } from '../peer/ports/network.ts'
import type { LinkRecords } from './link-records.ts'
import type { SimNetwork } from './sim-network.ts'
import type { Transfer } from './transfer.ts'
import { removeFrom } from '../peer/core/remove-from.ts'

export const CONNECTING = 0
export const UP = 1
export const DOWN = 2

const NO_TRANSFERS: readonly Transfer[] = Object.freeze([])

/** One end of a simulated connection. The fields that every message touches come first. */
export class LinkEnd implements Link {
  state = CONNECTING
  /** Its record, until the end is down. */
  readonly slot: number
  readonly handler: LinkHandler
  context: unknown = undefined
  /** The other end, once it has accepted. */
  peer: LinkEnd | undefined = undefined
  readonly network: SimNetwork
  readonly remote: Address
  /** Whether all goes over the relay. */
  readonly isRelayed: boolean
  /** How many links its node had had when it came. */
  readonly born: number
  /** Among the ends of its node. */
  place = -1
  /** Chunks being sent from this end. */
  transfers: readonly Transfer[] = NO_TRANSFERS
  /** Messages sent from this end and arrived at the other; counted only where messages are checked. */
  sentCount = 0
  arrivedCount = 0

  constructor(
    network: SimNetwork,
    handler: LinkHandler,
    remote: Address,
    slot: number,
    isRelayed: boolean,
    born: number,
  ) {
    this.network = network
    this.handler = handler
    this.remote = remote
    this.slot = slot
    this.isRelayed = isRelayed
    this.born = born
  }

  get newsCanWait(): boolean {
    return this.state !== DOWN && this.records.newsCanWait(this.slot)
  }

  set newsCanWait(value: boolean) {
    if (this.state === DOWN) return
    if (!value && this.newsCanWait) this.network.releaseNews()
    this.records.setNewsCanWait(this.slot, value)
  }

  get number(): number {
    return this.slot
  }

  set newsRow(row: number) {
    if (this.state !== DOWN && this.handler.news) this.records.setNewsRow(this.slot, row)
  }

  get rttMs(): number {
    return this.state === UP ? 2 * this.oneWayMs : NaN
  }

  /** Propagation delay to the other side; only while the end is not down. */
  get oneWayMs(): number {
    return this.records.oneWayMs(this.slot)
  }

  /** Number of the node at the other side, once it has accepted. */
  get otherIndex(): number {
    const index = this.state === DOWN ? -1 : this.records.otherNode(this.slot)
    return index < 0 ? this.peer!.network.index : index
  }

  get records(): LinkRecords {
    return this.network.fabric.links
  }

  addTransfer(transfer: Transfer): void {
    if (this.transfers === NO_TRANSFERS) this.transfers = [transfer]
    else (this.transfers as Transfer[]).push(transfer)
  }

  /** Takes a transfer off the list; returns whether it was there. */
  removeTransfer(transfer: Transfer): boolean {
    return removeFrom(this.transfers as Transfer[], transfer)
  }

  findTransfer(requestId: number): Transfer | undefined {
    for (const transfer of this.transfers) if (transfer.header.requestId === requestId) return transfer
    return undefined
  }
}
