import { crc32 } from 'node:zlib'
import { FEATURES } from '../../peer/protocol/features.ts'
import { quote } from '../../peer/protocol/ids.ts'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import { z } from 'zod'
import { SCALAR_COLUMNS } from '../outcome-columns.ts'
import { InvalidOutcomeError } from './errors.ts'
import { bytesOf, floatsOf, packFeatures, rowOf, scalarsOf } from './outcome-fields.ts'

const FORMAT = 'seedbed-outcomes/1'

const headerSchema = z.object({
  format: z.literal(FORMAT),
  columns: z.array(z.string()).max(1000),
  features: z.array(z.string()).max(1000),
})
type Header = z.infer<typeof headerSchema>

const HEADER: Header = {
  format: FORMAT,
  columns: SCALAR_COLUMNS.map(({ name }) => name),
  features: FEATURES.map(({ name }) => name),
}

const recordSchema = z.tuple([
  z.string(),
  z.number(),
  z.number(),
  z.string(),
  z.number(),
  z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  z.array(z.string()),
  z.string(),
  z.string(),
])

/** A line of a journal: CRC-32 of the JSON as 8 hex digits, a space, the JSON, a line feed. */
function line(value: unknown): string {
  const json = JSON.stringify(value)
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}

/** First line of every segment: names the columns and features of the lines after it. */
export const headerLine = (): string => line(HEADER)

export const outcomeLine = ({ runId, decision, receivedMs, reporter, trust, row }: Outcome): string =>
  line([
    ...[runId, decision, receivedMs, reporter, trust],
    scalarsOf(row).map(([, value]) => value),
    row.candidateIds,
    bytesOf(row.scores).toString('base64'),
    bytesOf(row.features).toString('base64'),
  ])

/** What could be read of a segment. */
export interface SegmentContent {
  readonly outcomes: readonly Outcome[]
  /** What is wrong with the rest, if anything: more than a write that was cut short. */
  readonly damage: string | undefined
}

/** Reads a segment; its last line is dropped where it is torn. */
export function readSegment(content: Buffer): SegmentContent {
  const lines: (string | undefined)[] = []
  for (let from = 0; from < content.length;) {
    const end = content.indexOf(10, from)
    if (end < 0) break
    lines.push(checked(content.subarray(from, end)))
    from = end + 1
  }
  const [first, ...rest] = lines
  if (first === undefined)
    return { outcomes: [], damage: rest.length > 0 ? 'its first line is not intact' : undefined }
  // A crash cuts short no line but the last.
  if (rest.length > 0 && rest[rest.length - 1] === undefined) rest.pop()
  const intact = rest.filter((json) => json !== undefined)
  try {
    const header = parseHeader(first)
    const places = new Map(header.columns.map((name, i) => [name, i]))
    const lost = rest.length - intact.length
    return {
      outcomes: intact.map((json) => parseOutcome(json, header.features, places)),
      damage: lost > 0 ? `${lost} lines in it are not intact` : undefined,
    }
  } catch (error) {
    if (error instanceof InvalidOutcomeError) return { outcomes: [], damage: error.message }
    throw error
  }
}

function checked(bytes: Buffer): string | undefined {
  const json = bytes.subarray(9)
  return bytes[8] === 32 && parseInt(bytes.toString('latin1', 0, 8), 16) === crc32(json)
    ? json.toString('utf8')
    : undefined
}

function parseHeader(json: string): Header {
  const header = headerSchema.safeParse(JSON.parse(json))
  if (header.success) return header.data
  throw new InvalidOutcomeError(
    `invalid journal: starts with ${quote(json.slice(0, 80))} (${FORMAT} expected; another version wrote it)`,
  )
}

function parseOutcome(
  json: string,
  featureNames: readonly string[],
  places: ReadonlyMap<string, number>,
): Outcome {
  const record = recordSchema.safeParse(JSON.parse(json))
  if (!record.success) throw new InvalidOutcomeError(`invalid journal line: ${z.prettifyError(record.error)}`)
  const [runId, decision, receivedMs, reporter, trust, scalars, candidateIds, scores, packed] = record.data
  const row = rowOf({
    scalar: (name) => scalars[places.get(name) ?? scalars.length],
    candidateIds,
    scores: floatsOf(Buffer.from(scores, 'base64')),
    features: featuresIn(floatsOf(Buffer.from(packed, 'base64')), candidateIds.length, featureNames),
  })
  return { runId, decision, receivedMs, reporter, trust, row }
}

/** Features in today's order, out of those that a header names. */
function featuresIn(values: Float32Array, count: number, names: readonly string[]): Float32Array {
  if (names.length === FEATURES.length && FEATURES.every(({ name }, f) => name === names[f])) return values
  return packFeatures(count, (name) => {
    const at = names.indexOf(name)
    return at < 0 ? undefined : values.filter((_, i) => i % names.length === at)
  })
}

/** Bytes that a row takes in a journal, at most: what is larger is refused. */
export const MAX_LINE_BYTES = 1024 * 1024
