import { z } from 'zod'
import { ProtocolError } from '../protocol/errors.ts'
import { RTC_LIMITS } from './rtc-options.ts'

// What a WebTorrent tracker says to its clients over WebSocket. Hashes and ids are 20 bytes, a character a byte.

const hex20 = z
  .string()
  .regex(/^[\0-\xff]{20}$/)
  .transform((text) => Buffer.from(text, 'latin1').toString('hex'))
const offerId = z.string().min(1).max(100)
const description = (type: 'offer' | 'answer') =>
  z.object({ type: z.literal(type), sdp: z.string().max(RTC_LIMITS.descriptionChars) })
const count = z.number().int().min(0).catch(0)
const relayed = { info_hash: hex20, peer_id: hex20, offer_id: offerId }

const offerSchema = z.object({ ...relayed, offer: description('offer') }).transform((message) => ({
  kind: 'offer' as const,
  infoHash: message.info_hash,
  peerId: message.peer_id,
  offerId: message.offer_id,
  sdp: message.offer.sdp,
}))
const answerSchema = z.object({ ...relayed, answer: description('answer') }).transform((message) => ({
  kind: 'answer' as const,
  infoHash: message.info_hash,
  peerId: message.peer_id,
  offerId: message.offer_id,
  sdp: message.answer.sdp,
}))
const announcedSchema = z
  .object({ info_hash: hex20, interval: z.number().positive(), complete: count, incomplete: count })
  .transform(({ info_hash, interval, complete, incomplete }) => ({
    kind: 'announced' as const,
    infoHash: info_hash,
    intervalMs: 1000 * interval,
    seeds: complete,
    leechers: incomplete,
  }))
const failureSchema = z
  .object({ 'failure reason': z.string(), info_hash: hex20.optional().catch(undefined) })
  .transform((message) => ({
    kind: 'failure' as const,
    infoHash: message.info_hash,
    reason: message['failure reason'].slice(0, 200),
  }))

export type RelayedOffer = z.output<typeof offerSchema>
export type RelayedAnswer = z.output<typeof answerSchema>
export type Announced = z.output<typeof announcedSchema>
export type AnnounceFailure = z.output<typeof failureSchema>
export type WsTrackerMessage = RelayedOffer | RelayedAnswer | Announced | AnnounceFailure

/** Reads a tracker's message; undefined for those that mean nothing to a peer. Throws ProtocolError. */
export function parseWsTrackerMessage(text: string): WsTrackerMessage | undefined {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    throw new ProtocolError('invalid tracker message: JSON expected')
  }
  const schema = schemaOf(raw)
  if (!schema) return undefined
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new ProtocolError(`invalid tracker message: ${path.map(String).join('.')}: ${message}`)
}

function schemaOf(raw: unknown) {
  if (typeof raw !== 'object' || raw === null) return undefined
  if ('failure reason' in raw) return failureSchema
  if (!('action' in raw) || raw.action !== 'announce') return undefined
  if ('offer' in raw) return offerSchema
  return 'answer' in raw ? answerSchema : announcedSchema
}

/** 20 bytes, given as hex digits, as trackers want them. */
export const binaryString = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
