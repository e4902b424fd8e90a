import { z } from 'zod'
import { LIMITS } from '../../../peer/protocol/limits.ts'

// Parts of requests and replies that several routes share. What is not known of a peer is null.

/** A whole number in a path or a query. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number expected')
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .meta({ type: 'integer', minimum: least, maximum: most })

/** A content in a path or a query. */
export const contentRef = z.string().min(1).max(255).meta({
  description:
    'A content: its id (64 hex digits), the info hash of a torrent (40 hex digits), or the name of a file at the origin',
  example: 'film.mp4',
})

/** 40 hex digits where the content is named by a hash; where it is named by name, any short word does. */
export const peerRef = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, '1 to 64 visible characters expected')
  .meta({ description: 'A peer id: 40 hex digits', example: '2d5342303130302d0102030405060708090a0b0c' })

/** A short text as the binary protocol carries it: bounded in bytes, too. */
export const shortText = z
  .string()
  .max(LIMITS.labelBytes)
  .refine((text) => Buffer.byteLength(text) <= LIMITS.labelBytes, {
    error: `at most ${LIMITS.labelBytes} bytes expected`,
  })

export const chunkNumber = z
  .int()
  .min(0)
  .max(LIMITS.chunksPerContent - 1)

export const known = <T extends z.ZodType>(schema: T) => schema.nullable()

/** A number as JSON has it: null where it is not known. */
export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

export const holderSchema = z
  .object({
    peer: z.string(),
    address: known(z.string()).meta({ description: 'host:port; null where it takes no connections' }),
    region: known(z.string()),
    isOrigin: z.boolean(),
    completeness: known(z.number()).meta({ description: 'share of the content that it holds' }),
    uploadSlots: known(z.number()),
    activeUploads: known(z.number()),
    queuedUploads: known(z.number()),
    uploadBps: known(z.number()).meta({ description: 'byte/s between its last two announces' }),
    goodputBps: known(z.number()).meta({ description: 'byte/s that others report of it' }),
    successShare: known(z.number()).meta({ description: 'share of the reported fetches that went well' }),
  })
  .meta({ id: 'Holder' })

export const errorSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .meta({ id: 'Error' })

/** Where nobody knows something of that name. */
export const NOT_FOUND = { description: 'There is none', body: errorSchema }
