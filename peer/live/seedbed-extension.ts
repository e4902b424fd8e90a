import bencode from 'bencode'
import { PEER_ID_BYTES } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { FETCH_RESULTS, type FetchReport, type Load } from '../protocol/messages.ts'
import type { GuardedWire } from './guarded-wire.ts'

/** Name of Seedbed's own messages in the extension handshake (BEP 10); other clients do not have it. */
const NAME = 'seedbed'

/** What a Seedbed peer says of itself in the extension handshake. */
export interface SeedbedGreeting {
  readonly region: string
  readonly isOrigin: boolean
  readonly uploadSlots: number
}

/** Adds the greeting to what a wire tells in its extension handshake. */
export function greet(wire: GuardedWire, { region, isOrigin, uploadSlots }: SeedbedGreeting): void {
  wire.extendedHandshake[NAME] = { o: isOrigin ? 1 : 0, r: region, s: uploadSlots }
}

/** The other side's greeting; undefined where it is no Seedbed peer, or says what can't be. */
export function greetingOf(extendedHandshake: Record<string, unknown>): SeedbedGreeting | undefined {
  const greeting = extendedHandshake[NAME]
  if (!isDictionary(greeting)) return undefined
  const { o: isOrigin, r: region, s: uploadSlots } = greeting
  if (!(region instanceof Uint8Array) || region.length > LIMITS.labelBytes || !isCounter(uploadSlots))
    return undefined
  return { region: Buffer.from(region).toString(), isOrigin: isOrigin === 1, uploadSlots }
}

/** What a Seedbed peer tells: its load, or how its fetches went. */
export type SeedbedMessage = { readonly load: Load } | { readonly reports: readonly FetchReport[] }

/** Reads what a Seedbed peer tells; undefined where it makes no sense. */
function parse(bytes: Uint8Array): SeedbedMessage | undefined {
  let value: unknown
  try {
    value = bencode.decode(bytes)
  } catch {
    return undefined
  }
  if (!isDictionary(value)) return undefined
  const { a: active, q: queued, g: gossip } = value
  if (isCounter(active) && isCounter(queued)) return { load: { active, queued } }
  if (!Array.isArray(gossip) || gossip.length > LIMITS.reportsPerMessage) return undefined
  const reports = gossip.map(parseReport)
  return reports.every((report) => report !== undefined) ? { reports } : undefined
}

function parseReport(value: unknown): FetchReport | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined
  const [seedId, resultAt, bytes, durationMs] = value as unknown[]
  const result = FETCH_RESULTS[Number(resultAt)]
  if (!(seedId instanceof Uint8Array) || seedId.length !== PEER_ID_BYTES || !result) return undefined
  if (!isWhole(bytes) || !isWhole(durationMs)) return undefined
  return { seedId: Buffer.from(seedId).toString('hex'), result, bytes, durationMs }
}

/** Seedbed's own messages on one wire. */
export class SeedbedExtension {
  readonly #wire: GuardedWire
  #told: Load = { active: NaN, queued: NaN }

  /** `heard` is called for each message of the other side that makes sense. */
  constructor(wire: GuardedWire, heard: (message: SeedbedMessage) => void) {
    this.#wire = wire
    const guarded = wire.guard(heard)
    class Extension {
      onMessage(bytes: Uint8Array): void {
        const message = parse(bytes)
        if (message) guarded(message)
      }
    }
    Object.assign(Extension.prototype, { name: NAME })
    wire.use(Extension)
  }

  /** Whether the other side is a Seedbed peer. */
  get isHeard(): boolean {
    return this.#wire.peerExtendedMapping[NAME] > 0
  }

  /** Tells the own load, where it has changed. */
  say({ active, queued }: Load): void {
    if (!this.isHeard || (active === this.#told.active && queued === this.#told.queued)) return
    this.#told = { active, queued }
    this.#wire.extended(NAME, { a: active, q: queued })
  }

  /** Tells how own fetches went. */
  gossip(reports: readonly FetchReport[]): void {
    if (!this.isHeard) return
    const told = reports.map(({ seedId, result, bytes, durationMs }) => [
      Buffer.from(seedId, 'hex'),
      FETCH_RESULTS.indexOf(result),
      ...[bytes, Math.round(durationMs)],
    ])
    this.#wire.extended(NAME, { g: told })
  }
}

const isDictionary = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const isCounter = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LIMITS.loadCounter
