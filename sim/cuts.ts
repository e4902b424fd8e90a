import { encodedBytes } from '../peer/protocol/codec.ts'
import type { ChunkHeader } from '../peer/protocol/messages.ts'
import type { ChunkBody } from '../peer/ports/chunk-store.ts'
import type { LinkDownReason } from '../peer/ports/network.ts'
import type { ControlMessage } from './faults/network-filter.ts'
import { hearDown } from './knock.ts'
import { type LinkEnd, UP } from './link-end.ts'
import type { NetworkFabric } from './fabric.ts'
import { asOfNow } from './on-wire.ts'
import type { SimNetwork } from './sim-network.ts'
import type { Transfer } from './transfer.ts'

/** What keeps one group of nodes from another. */
export interface Cut {
  /** Whether packets of `from` don't reach `to`. */
  blocks(from: SimNetwork, to: SimNetwork): boolean
}

/** What a host's TCP keeps trying to send over a link that is cut. */
type Held =
  | { readonly kind: 'message'; readonly end: LinkEnd; readonly message: ControlMessage }
  | { readonly kind: 'chunk'; readonly end: LinkEnd; readonly header: ChunkHeader; readonly body: ChunkBody }
  | { readonly kind: 'close'; readonly end: LinkEnd; readonly peer: LinkEnd }

const NO_CUTS: readonly Cut[] = []

/**
 * Where nothing passes now. What has left before arrives; messages wait and are sent when the cut is over; chunks stand
 * still, also those whose acknowledgements alone are cut; a link that is cut for `lostDetectionMs` is lost at both ends.
 */
export class Cuts {
  readonly #fabric: NetworkFabric
  #cuts = NO_CUTS
  #held: Held[] = []
  /** Bytes of the messages that are held, by the end that sends them. */
  readonly #heldBytes = new Map<LinkEnd, number>()
  readonly #still = new Map<Cut, Transfer[]>()

  constructor(fabric: NetworkFabric) {
    this.#fabric = fabric
  }

  get isAny(): boolean {
    return this.#cuts.length > 0
  }

  /** Whether packets of `from` don't reach `to`. */
  blocks(from: SimNetwork, to: SimNetwork): boolean {
    return this.#cuts.some((cut) => cut.blocks(from, to))
  }

  /** Whether no connection works between two nodes: it needs both directions. */
  separates(one: SimNetwork, other: SimNetwork): boolean {
    return this.blocks(one, other) || this.blocks(other, one)
  }

  begin(cut: Cut): void {
    const { kernel, settings } = this.#fabric
    this.#cuts = [...this.#cuts, cut]
    const still: Transfer[] = []
    for (const end of this.#endsAcross(cut)) still.push(...end.transfers)
    for (const transfer of still) transfer.hold()
    this.#still.set(cut, still)
    kernel.schedule(settings.lostDetectionMs, lose, this, cut)
  }

  end(cut: Cut): void {
    this.#cuts = this.#cuts.filter((other) => other !== cut)
    for (const transfer of this.#still.get(cut) ?? []) transfer.release()
    this.#still.delete(cut)
    const held = this.#held
    this.#held = []
    this.#heldBytes.clear()
    for (const one of held) this.#sendAgain(one)
  }

  /** Keeps a message for later where its link is cut; whether it did. A sender of more than a window gives the link up. */
  holdMessage(end: LinkEnd, message: ControlMessage): boolean {
    const { peer } = end
    if (!peer || !this.blocks(end.network, peer.network)) return false
    const { kernel, settings } = this.#fabric
    const before = this.#heldBytes.get(end) ?? 0
    const bytes = before + encodedBytes(message)
    if (before === 0 || bytes <= settings.maxWindowBytes) {
      this.#held.push({ kind: 'message', end, message: asOfNow(message) })
      this.#heldBytes.set(end, bytes)
    } else {
      this.#forget(end)
      if (peer.state === UP) this.#held.push({ kind: 'close', end, peer })
      kernel.schedule(0, hearDown, end, 'lost' as LinkDownReason)
    }
    return true
  }

  holdChunk(end: LinkEnd, header: ChunkHeader, body: ChunkBody): boolean {
    if (!end.peer || !this.separates(end.network, end.peer.network)) return false
    this.#held.push({ kind: 'chunk', end, header, body })
    return true
  }

  holdClose(end: LinkEnd, peer: LinkEnd): boolean {
    if (!this.blocks(end.network, peer.network)) return false
    this.#held.push({ kind: 'close', end, peer })
    return true
  }

  /** Forgets a chunk that is not wanted any more. */
  dropChunk(end: LinkEnd, requestId: number): void {
    this.#held = this.#held.filter(
      (one) => one.kind !== 'chunk' || one.end !== end || one.header.requestId !== requestId,
    )
  }

  /** Ends the links that this cut has kept from working all the time. */
  lose(cut: Cut): void {
    if (!this.#cuts.includes(cut)) return
    for (const end of this.#endsAcross(cut)) if (end.state === UP) end.network.hearDown(end, 'lost')
    this.#held = this.#held.filter((one) => (one.kind === 'close' ? one.peer : one.end).state === UP)
  }

  /** What an end has sent arrives no more. */
  #forget(end: LinkEnd): void {
    this.#heldBytes.delete(end)
    this.#held = this.#held.filter((one) => one.end !== end || one.kind === 'close')
  }

  #sendAgain(one: Held): void {
    const { network } = one.end
    switch (one.kind) {
      case 'message':
        return network.send(one.end, one.message)
      case 'chunk':
        return network.sendChunk(one.end, one.header, one.body)
      case 'close':
        if (this.blocks(network, one.peer.network)) this.#held.push(one)
        else if (one.peer.state === UP) one.peer.network.hearDown(one.peer, 'closed')
    }
  }

  #endsAcross(cut: Cut): LinkEnd[] {
    const across: LinkEnd[] = []
    for (const node of this.#fabric.nodes)
      for (const end of node.ends) {
        const other = end.peer?.network
        if (other && (cut.blocks(node, other) || cut.blocks(other, node))) across.push(end)
      }
    return across
  }
}

function lose(cuts: Cuts, cut: Cut): void {
  cuts.lose(cut)
}
