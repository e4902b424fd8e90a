import type { ByteBudget } from './byte-budget.ts'
import { BlockAssembly } from './block-assembly.ts'
import type { GuardedWire } from './guarded-wire.ts'
import { PipelineDepth } from './pipeline-depth.ts'
import { BLOCK_BYTES } from './wire-limits.ts'

/** Chunks begun at a neighbour and broken off, of which the blocks are kept for the next try there. */
const MAX_PARTIALS = 4

interface Fetching {
  readonly requestId: number
  readonly chunk: number
  readonly assembly: BlockAssembly
  hasBegun: boolean
}

export interface BlockFetcherHost {
  chunkBytes(chunk: number): number
  /** Block requests that the other side queues at most. */
  mostRequests(): number
  begins(requestId: number, chunk: number): void
  arrived(requestId: number, chunk: number, data: Uint8Array): void
  /** The other side will not send that chunk now. */
  refused(requestId: number): void
}

/** Fetches chunks over one wire: each as 16 KiB requests, as many under way as the path holds. */
export class BlockFetcher {
  readonly #wire: GuardedWire
  readonly #budget: ByteBudget
  readonly #host: BlockFetcherHost
  readonly #depth: PipelineDepth
  #fetching: Fetching[] = []
  readonly #partials = new Map<number, BlockAssembly>()
  #underWay = 0
  /** When the pipeline was last filled from empty, for a look at the round-trip time. */
  #askedIdleMs = NaN
  #isClosed = false
  /** Time from a request into an idle pipeline to its block, the least seen; NaN before. */
  answerMs = NaN

  constructor(wire: GuardedWire, budget: ByteBudget, host: BlockFetcherHost) {
    this.#wire = wire
    this.#budget = budget
    this.#host = host
    this.#depth = new PipelineDepth(() => host.mostRequests())
  }

  /** Starts to fetch a chunk; `refused` follows at a later time where there is no memory for it or no leave to ask. */
  fetch(requestId: number, chunk: number): void {
    const assembly = this.#assembly(chunk)
    if (!assembly || this.#wire.peerChoking)
      return void setImmediate(() => !this.#isClosed && this.#host.refused(requestId))
    this.#fetching.push({ requestId, chunk, assembly, hasBegun: false })
    this.#pump()
  }

  cancel(requestId: number): void {
    const at = this.#fetching.findIndex((fetching) => fetching.requestId === requestId)
    if (at < 0) return
    const [fetching] = this.#fetching.splice(at, 1)
    this.#breakOff(fetching)
    this.#pump()
  }

  /** The other side takes no requests any more; what it had begun is refused. */
  choked(): void {
    const broken = this.#fetching
    this.#fetching = []
    for (const { assembly } of broken) for (const block of assembly.asked()) assembly.unask(block)
    for (const fetching of broken) {
      this.#putAside(fetching.assembly)
      if (fetching.hasBegun) this.#host.refused(fetching.requestId)
    }
    this.#underWay = 0
  }

  close(): void {
    this.#isClosed = true
    for (const { assembly } of this.#fetching) this.#budget.release(assembly.data.length)
    for (const assembly of this.#partials.values()) this.#budget.release(assembly.data.length)
    this.#fetching = []
    this.#partials.clear()
  }

  #assembly(chunk: number): BlockAssembly | undefined {
    const partial = this.#partials.get(chunk)
    if (partial) {
      this.#partials.delete(chunk)
      return partial
    }
    const bytes = this.#host.chunkBytes(chunk)
    return this.#budget.take(bytes) ? new BlockAssembly(chunk, bytes) : undefined
  }

  #pump(): void {
    if (this.#isClosed || this.#wire.peerChoking) return
    const depth = this.#depth.blocks
    for (const fetching of this.#fetching)
      while (this.#underWay < depth && fetching.assembly.hasMissing) this.#ask(fetching)
  }

  #ask(fetching: Fetching): void {
    const { assembly, chunk } = fetching
    const block = assembly.ask()
    if (this.#underWay++ === 0) this.#askedIdleMs = performance.now()
    const answered = this.#wire.guard((error: Error | null, data: Uint8Array | null) => {
      if (this.#isClosed) return
      if (data) this.#blockArrived(fetching, block, data)
      else if (error && this.#fetching.includes(fetching)) this.#blockRefused(fetching, block)
    })
    this.#wire.request(chunk, block * BLOCK_BYTES, assembly.sizeOf(block), answered)
  }

  #blockArrived(fetching: Fetching, block: number, data: Uint8Array): void {
    const { requestId, chunk, assembly } = fetching
    const isWanted = this.#fetching.includes(fetching)
    if (!isWanted && this.#partials.get(chunk) !== assembly) return
    assembly.keep(block, data)
    if (!isWanted) return
    this.#measure(data.length)
    if (!fetching.hasBegun) {
      fetching.hasBegun = true
      this.#host.begins(requestId, chunk)
    }
    if (assembly.isWhole) this.#arrivedWhole(fetching)
    this.#pump()
  }

  #measure(bytes: number): void {
    const nowMs = performance.now()
    if (!Number.isNaN(this.#askedIdleMs)) {
      const sampleMs = nowMs - this.#askedIdleMs
      if (!(this.answerMs <= sampleMs)) this.answerMs = sampleMs
      this.#askedIdleMs = NaN
    }
    this.#depth.arrived(bytes, nowMs)
    if (--this.#underWay === 0) this.#depth.idle()
  }

  #arrivedWhole(fetching: Fetching): void {
    const at = this.#fetching.indexOf(fetching)
    // The owner may have cancelled it when it heard that it begins.
    if (at < 0) return
    this.#fetching.splice(at, 1)
    this.#budget.release(fetching.assembly.data.length)
    this.#host.arrived(fetching.requestId, fetching.chunk, fetching.assembly.data)
  }

  /** One block is refused: the others of that chunk would be, too. */
  #blockRefused(fetching: Fetching, block: number): void {
    fetching.assembly.unask(block)
    this.#underWay--
    this.#fetching.splice(this.#fetching.indexOf(fetching), 1)
    this.#breakOff(fetching)
    this.#host.refused(fetching.requestId)
    this.#pump()
  }

  /** Takes back what was asked for and keeps what has come. */
  #breakOff({ chunk, assembly }: Fetching): void {
    for (const block of assembly.asked()) {
      assembly.unask(block)
      this.#underWay--
      this.#wire.cancel(chunk, block * BLOCK_BYTES, assembly.sizeOf(block))
    }
    this.#putAside(assembly)
  }

  #putAside(assembly: BlockAssembly): void {
    if (assembly.heldBytes === 0) return this.#budget.release(assembly.data.length)
    this.#partials.set(assembly.chunk, assembly)
    for (const [chunk, oldest] of this.#partials) {
      if (this.#partials.size <= MAX_PARTIALS) break
      this.#partials.delete(chunk)
      this.#budget.release(oldest.data.length)
    }
  }
}
