import { z } from 'zod'
import { ClientError } from './errors.ts'

// What WebTorrent clients say to a tracker over WebSocket. Hashes and ids are 20 bytes, a character a byte.

const bytes20 = z
  .string()
  .refine((text) => /^[\0-\xff]{20}$/.test(text), { error: '20 bytes expected' })
  .transform((text) => Buffer.from(text, 'latin1').toString('hex'))
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER).catch(0)
const offerId = z.string().min(1).max(100)
/** Session descriptions are for the other peer: passed on as they are, bounded by the size of a message. */
const description = z.object({ type: z.string().max(20), sdp: z.string() })

/** Most offers of one announce, and so most peers that it reaches. */
const MOST_OFFERS = 20
const MOST_SCRAPED = 100

const common = { info_hash: bytes20, peer_id: bytes20 }
const answerSchema = z.object({
  action: z.literal('announce'),
  ...common,
  to_peer_id: bytes20,
  offer_id: offerId,
  answer: description,
})
const announceSchema = z.object({
  action: z.literal('announce'),
  ...common,
  uploaded: count,
  downloaded: count,
  left: z.number().min(0).nullable().catch(null),
  event: z.enum(['started', 'completed', 'stopped', 'update']).catch('update'),
  numwant: z.number().int().min(0).catch(MOST_OFFERS),
  offers: z
    .array(z.object({ offer_id: offerId, offer: description }))
    .max(MOST_OFFERS)
    .default([]),
})
const scrapeSchema = z.object({
  action: z.literal('scrape'),
  info_hash: z.union([bytes20.transform((hash) => [hash]), z.array(bytes20).min(1).max(MOST_SCRAPED)]),
})

export type WsAnswer = z.output<typeof answerSchema>
export type WsAnnounce = z.output<typeof announceSchema>
export type WsScrape = z.output<typeof scrapeSchema>

type Raw = {
  readonly action?: unknown
  readonly answer?: unknown
  readonly event?: unknown
  readonly info_hash?: unknown
} | null

/** A message as JSON has it, unchecked. Throws ClientError. */
export function readWs(text: string): Raw {
  try {
    return JSON.parse(text) as Raw
  } catch {
    throw new ClientError('invalid message: JSON expected')
  }
}

/** Checks a message. Throws ClientError. */
export function checkWs(raw: Raw): WsAnswer | WsAnnounce | WsScrape {
  const parsed = schemaOf(raw).safeParse(raw)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new ClientError(`invalid ${path.map(String).join('.') || 'message'}: ${message}`)
}

function schemaOf(raw: Raw) {
  if (raw?.action === 'scrape') return scrapeSchema
  return raw?.answer === undefined || raw.answer === null ? announceSchema : answerSchema
}

/** 20 bytes, given as hex digits, as clients want them. */
export const binary = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
