import type { Address } from '../peer/protocol/ids.ts'
import type { Kernel } from './kernel.ts'

/** Everything that a trace tells of, by kind. */
export const TRACE_KINDS = [
  'arrive',
  'leave',
  'dial',
  'up',
  'down',
  'close',
  'send',
  'hear',
  'chunk-start',
  'chunk-begins',
  'chunk-sent',
  'chunk-arrives',
  'chunk-abort',
  'decide',
  'fetch-end',
  'timer',
  'fault-begins',
  'fault-ends',
  'act',
] as const
export type TraceKind = (typeof TRACE_KINDS)[number]

/** What an event tells besides its time, node and kind. Numbers that are not known are null. */
export type TraceDetails = Readonly<Record<string, string | number | boolean | null>>

/** Something that happened at one node. */
export interface TraceEvent {
  /** Simulated milliseconds. */
  readonly timeMs: number
  readonly node: string
  readonly kind: TraceKind
  readonly details: TraceDetails
}

/** Takes the events of a simulation, in the order in which they happen. */
export interface TraceSink {
  take(event: TraceEvent): void
}

const NOTHING: TraceDetails = Object.freeze({})

/** Tells a sink what happens in a simulation, and when. */
export class Tracer {
  readonly #kernel: Kernel
  readonly #sink: TraceSink

  constructor(kernel: Kernel, sink: TraceSink) {
    this.#kernel = kernel
    this.#sink = sink
  }

  tell(node: string, kind: TraceKind, details: TraceDetails = NOTHING): void {
    this.#sink.take({ timeMs: this.#kernel.nowMs, node, kind, details })
  }
}

/** A node's label: its address without what all simulated addresses end in. */
export const labelOf = (address: Address): string => address.replace(/\.sim:\d+$/, '')
