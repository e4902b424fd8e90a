import { ChunkSet } from '../peer/protocol/chunk-set.ts'
import type { ChunkHeader, Message } from '../peer/protocol/messages.ts'
import { labelOf, type TraceDetails } from './trace.ts'

/** Longer texts are identifiers: so many of their characters tell them apart. */
const TEXT_LENGTH = 8
const LONGEST_TEXT = 24

/** A control message's type and fields: sets and lists by how many they hold, addresses as labels. */
export function messageDetails(peer: string, message: Exclude<Message, ChunkHeader>): TraceDetails {
  const details: Record<string, string | number | boolean | null> = { peer }
  for (const [key, value] of Object.entries(message) as [string, unknown][]) details[key] = brief(key, value)
  return details
}

/** A chunk's header, its load figures left out. */
export const chunkDetails = (peer: string, { requestId, chunk, bytes }: ChunkHeader): TraceDetails => ({
  peer,
  requestId,
  chunk,
  bytes,
})

function brief(key: string, value: unknown): string | number | boolean | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (key === 'address') return labelOf(value)
    return value.length > LONGEST_TEXT ? value.slice(0, TEXT_LENGTH) : value
  }
  if (value instanceof ChunkSet) return value.count
  if (Array.isArray(value)) return value.length
  return value === undefined || value === null ? null : JSON.stringify(value).slice(0, LONGEST_TEXT)
}
