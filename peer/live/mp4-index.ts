import { MAX_SEGMENTS, type MediaIndex, type MediaSegment, type ReadFile } from './media-segments.ts'

// Fragmented MP4 with a segment index box (`sidx`): ISO/IEC 14496-12, 8.16.3.

/** Boxes before the index. */
const MAX_BOXES = 16
const HEADER_BYTES = 16
const MAX_INDEX_BYTES = 12 * MAX_SEGMENTS + 64

interface Box {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly headerBytes: number
}

/** The segments that a file's index names. Undefined where it is no fragmented MP4 with one index for all of it. */
export async function indexFragments(read: ReadFile, totalBytes: number): Promise<MediaIndex | undefined> {
  let hasMovie = false
  for (let at = 0, boxes = 0; at < totalBytes && boxes < MAX_BOXES; boxes++) {
    const box = boxAt(await read({ start: at, end: Math.min(totalBytes, at + HEADER_BYTES) }), at, totalBytes)
    if (!box || (boxes === 0 && box.type !== 'ftyp')) return undefined
    if (box.type === 'moov') hasMovie = true
    if (box.type === 'sidx') {
      if (!hasMovie || box.end - box.start > MAX_INDEX_BYTES) return undefined
      const segments = readIndex(await read({ start: box.start + box.headerBytes, end: box.end }), box.end)
      // An index for the first fragment alone is followed by others.
      const isWhole =
        segments !== undefined && totalBytes - segments[segments.length - 1].end < totalBytes / 100
      return isWhole && segments[segments.length - 1].end <= totalBytes
        ? { init: { start: 0, end: box.start }, segments }
        : undefined
    }
    if (box.type === 'mdat' || box.type === 'moof') return undefined
    at = box.end
  }
  return undefined
}

function boxAt(header: Uint8Array, start: number, totalBytes: number): Box | undefined {
  if (header.length < 8) return undefined
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  const type = String.fromCharCode(...header.subarray(4, 8))
  const isLarge = view.getUint32(0) === 1
  if (isLarge && header.length < HEADER_BYTES) return undefined
  const bytes = isLarge ? Number(view.getBigUint64(8)) : view.getUint32(0)
  const headerBytes = isLarge ? HEADER_BYTES : 8
  // A size of 0 means: to the end of the file.
  const end = bytes === 0 ? totalBytes : start + bytes
  return (bytes === 0 || bytes >= headerBytes) && end <= totalBytes
    ? { type, start, end, headerBytes }
    : undefined
}

/** The segments that an index (without its box header) names; `anchor` is the byte behind it. */
export function readIndex(data: Uint8Array, anchor: number): MediaSegment[] | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const isLong = data[0] === 1
  const fixedBytes = isLong ? 32 : 24
  if (data.length < fixedBytes) return undefined
  const timescale = view.getUint32(8)
  const count = view.getUint16(fixedBytes - 2)
  if (timescale === 0 || count === 0 || data.length < fixedBytes + 12 * count) return undefined
  let start = anchor + (isLong ? Number(view.getBigUint64(20)) : view.getUint32(16))
  const segments: MediaSegment[] = []
  for (let i = 0; i < count; i++) {
    const size = view.getUint32(fixedBytes + 12 * i)
    // The high bit: a reference to a further index.
    if (size >>> 31 === 1 || size === 0) return undefined
    segments.push({
      start,
      end: start + size,
      durationS: view.getUint32(fixedBytes + 12 * i + 4) / timescale,
    })
    start += size
  }
  return segments
}
