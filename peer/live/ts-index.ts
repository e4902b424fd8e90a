import {
  MAX_SEGMENTS,
  type MediaIndex,
  type MediaSegment,
  type ReadFile,
  SEGMENT_S,
} from './media-segments.ts'

// MPEG transport streams: ISO/IEC 13818-1. A program clock reference (PCR) stands in the adaptation field of some packets.

const PACKET_BYTES = 188
const SYNC = 0x47
/** A PCR comes at least ten times a second: so many packets are searched for one, in growing steps. */
const SEARCH_PACKETS = [350, 1400, 5600, 22_400]
const PCR_HZ = 90_000
const PCR_WRAP = 2 ** 33

interface ClockReference {
  readonly pid: number
  readonly ticks: number
}

/**
 * Cuts a transport stream into segments of equal size: players find their way by the time stamps inside. How long it plays is
 * read from its first and last clock reference. Undefined where it is no transport stream.
 */
export async function indexTransportStream(
  read: ReadFile,
  totalBytes: number,
): Promise<MediaIndex | undefined> {
  const packets = Math.floor(totalBytes / PACKET_BYTES)
  if (!isTransportStream(await read({ start: 0, end: Math.min(totalBytes, 3 * PACKET_BYTES) })))
    return undefined
  const first = await search(
    packets,
    (count) => readPackets(read, 0, count),
    (found) => found[0],
  )
  if (!first) return undefined
  const last = await search(
    packets,
    (count) => readPackets(read, packets - count, packets),
    (found) => found.findLast(({ pid }) => pid === first.pid),
  )
  if (!last) return undefined
  const durationS = ((last.ticks - first.ticks + PCR_WRAP) % PCR_WRAP) / PCR_HZ
  if (durationS === 0) return undefined
  return { segments: cut(packets * PACKET_BYTES, durationS) }
}

const readPackets = (read: ReadFile, from: number, to: number): Promise<Uint8Array> =>
  read({ start: from * PACKET_BYTES, end: to * PACKET_BYTES })

/** Looks at more and more packets until a reference is found. */
async function search(
  packets: number,
  readSome: (count: number) => Promise<Uint8Array>,
  find: (found: readonly ClockReference[]) => ClockReference | undefined,
): Promise<ClockReference | undefined> {
  for (const count of SEARCH_PACKETS) {
    const found = find(clockReferences(await readSome(Math.min(count, packets))))
    if (found || count >= packets) return found
  }
  return undefined
}

function isTransportStream(head: Uint8Array): boolean {
  if (head.length < 3 * PACKET_BYTES) return false
  for (let at = 0; at < 3 * PACKET_BYTES; at += PACKET_BYTES) if (head[at] !== SYNC) return false
  return true
}

/** The clock references of packets, in order. */
export function clockReferences(packets: Uint8Array): ClockReference[] {
  const found: ClockReference[] = []
  for (let at = 0; at + PACKET_BYTES <= packets.length; at += PACKET_BYTES) {
    const hasAdaptation = (packets[at + 3] & 0x20) !== 0
    // The field's length counts its flags (1 byte) and the reference (6).
    if (packets[at] !== SYNC || !hasAdaptation || packets[at + 4] < 7 || (packets[at + 5] & 0x10) === 0)
      continue
    const pid = ((packets[at + 1] & 0x1f) << 8) | packets[at + 2]
    const high =
      packets[at + 6] * 2 ** 24 + (packets[at + 7] << 16) + (packets[at + 8] << 8) + packets[at + 9]
    found.push({ pid, ticks: 2 * high + (packets[at + 10] >>> 7) })
  }
  return found
}

function cut(totalBytes: number, durationS: number): MediaSegment[] {
  const packets = totalBytes / PACKET_BYTES
  const wanted = Math.max(1, Math.min(MAX_SEGMENTS, packets, Math.round(durationS / SEGMENT_S)))
  const stepBytes = Math.ceil(packets / wanted) * PACKET_BYTES
  const segments: MediaSegment[] = []
  for (let start = 0; start < totalBytes; start += stepBytes) {
    const end = Math.min(totalBytes, start + stepBytes)
    segments.push({ start, end, durationS: (durationS * (end - start)) / totalBytes })
  }
  return segments
}
