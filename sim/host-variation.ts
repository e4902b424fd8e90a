import { type CapacityTrace, TraceCursor, summarizeTrace } from './capacity-trace.ts'
import type { NetworkFabric } from './fabric.ts'
import type { SimNetwork } from './sim-network.ts'

/** Traces that the hosts of an access class follow: each host one of them, looped, from an offset of its own. */
export interface AccessTraces {
  readonly traces: readonly CapacityTrace[]
  /** Whether the up-link follows too, in proportion to the class's up rate. */
  readonly links: 'down' | 'both'
  /** Whether the down-link has the trace's rates, or the class's down rate times trace / mean. */
  readonly rates: 'trace' | 'class'
}

/** How one host's capacities change. */
export interface HostVariation {
  readonly trace: CapacityTrace
  readonly offsetMs: number
  /** Capacity over the trace's. */
  readonly downScale: number
  /** 0: the up-link does not change. */
  readonly upScale: number
}

/** A host's variation, and its rates at the trace's peak; `draw` and `offsetDraw` from 0 to 1. */
export function drawVariation(
  { traces, links, rates }: AccessTraces,
  nominal: { readonly upBps: number; readonly downBps: number },
  draw: number,
  offsetDraw: number,
): { variation: HostVariation; upBps: number; downBps: number } {
  const trace = traces[Math.floor(draw * traces.length)]
  const { durationMs, meanBps, maxBps } = summarizeTrace(trace)
  const downScale = rates === 'trace' ? 1 : nominal.downBps / meanBps
  const upScale = links === 'both' ? nominal.upBps / meanBps : 0
  return {
    variation: { trace, offsetMs: offsetDraw * durationMs, downScale, upScale },
    upBps: upScale > 0 ? maxBps * upScale : nominal.upBps,
    downBps: maxBps * downScale,
  }
}

/** Changes the capacities of a node's access links as its host's trace has it, while the node can be reached. */
export class LinkVariation {
  readonly #fabric: NetworkFabric
  readonly #node: SimNetwork
  readonly #variation: HostVariation
  readonly #cursor: TraceCursor
  #isPlanned = false

  constructor(fabric: NetworkFabric, node: SimNetwork, variation: HostVariation) {
    this.#fabric = fabric
    this.#node = node
    this.#variation = variation
    this.#cursor = new TraceCursor(variation.trace, variation.offsetMs, fabric.kernel.nowMs)
  }

  /** Sets the capacities of the moment, and again whenever the trace changes them. Harmless where that is planned. */
  follow(): void {
    if (!this.#isPlanned) this.change()
  }

  change(): void {
    const { kernel } = this.#fabric
    this.#isPlanned = this.#node.presence === 'listening'
    if (!this.#isPlanned) return
    this.#cursor.advance(kernel.nowMs)
    const { bps, endsMs } = this.#cursor
    const { downScale, upScale } = this.#variation
    this.#fabric.vary(this.#node.host, bps * downScale, upScale > 0 ? bps * upScale : Infinity)
    kernel.scheduleAt(endsMs, change, this)
  }
}

function change(variation: LinkVariation): void {
  variation.change()
}
