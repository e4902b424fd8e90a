import { bounded, chunkSetBytes, readChunkSet, writeChunkSet } from './chunk-set-codec.ts'
import { ProtocolError } from './errors.ts'
import { DIGEST_BYTES, PEER_ID_BYTES } from './ids.ts'
import { LIMITS } from './limits.ts'
import {
  type AnnounceEvent,
  type Candidate,
  FETCH_RESULTS,
  type FetchReport,
  type Message,
  type MessageType,
} from './messages.ts'
import { readRoomBody, roomBodyBytes, writeRoomBody } from './room-codec.ts'
import { ROOM_MESSAGE_TYPES } from './room-messages.ts'
import { readSearchBody, searchBodyBytes, writeSearchBody } from './search-codec.ts'
import { SEARCH_MESSAGE_TYPES } from './search-messages.ts'
import { SEGMENT_HEADER_BYTES, segmentsOf } from './segments.ts'
import { WireReader, WireWriter, textBytes } from './wire.ts'

// A frame is `u32 length | u8 type | fields`, big-endian; the length counts all that follows it. A chunk's payload
// follows its frame in segments (segments.ts), between which other frames may stand.

/** Bytes of a frame's length field. */
export const LENGTH_BYTES = 4

const TYPES: readonly MessageType[] = [
  'handshake',
  'bitfield',
  'have',
  'interested',
  'choke',
  'unchoke',
  'request',
  'chunk',
  'cancel',
  'busy',
  'announce',
  'candidates',
  'report',
  'leave',
  ...ROOM_MESSAGE_TYPES,
  'window',
  ...SEARCH_MESSAGE_TYPES,
]
const EVENTS: readonly AnnounceEvent[] = ['started', 'update', 'completed']
const REPORT_BYTES = PEER_ID_BYTES + 1 + 8 + 4

/**
 * Bytes that a message takes on the wire without a chunk's payload: its frame with the length field, and for a chunk
 * also the headers of the segments that carry the payload.
 */
export function encodedBytes(message: Message): number {
  const segments = message.type === 'chunk' ? segmentsOf(message.bytes) : 0
  return frameBytes(message) + segments * SEGMENT_HEADER_BYTES
}

const frameBytes = (message: Message): number => LENGTH_BYTES + 1 + bodyBytes(message)

function bodyBytes(message: Message): number {
  switch (message.type) {
    case 'handshake':
      return DIGEST_BYTES + PEER_ID_BYTES + textBytes(message.address) + textBytes(message.region) + 2
    case 'bitfield':
      return chunkSetBytes(message.chunks)
    case 'have':
      return 6
    case 'window':
      return 10 + chunkSetBytes(message.chunks)
    case 'interested':
      return 1
    case 'choke':
      return 0
    case 'unchoke':
      return 2
    case 'request':
      return 8
    case 'chunk':
      return 14
    case 'cancel':
      return 4
    case 'busy':
      return 6
    case 'announce':
      return (
        DIGEST_BYTES +
        PEER_ID_BYTES +
        textBytes(message.address) +
        textBytes(message.region) +
        5 +
        16 +
        1 +
        chunkSetBytes(message.chunks) +
        (message.completeness === undefined ? 0 : 4)
      )
    case 'candidates': {
      let bytes = DIGEST_BYTES + 12 + textBytes(message.policy) + textBytes(message.policyVersion) + 1
      for (const candidate of message.candidates) bytes += candidateBytes(candidate)
      return bytes
    }
    case 'report':
      return DIGEST_BYTES + PEER_ID_BYTES + 1 + message.reports.length * REPORT_BYTES
    case 'leave':
      return DIGEST_BYTES + PEER_ID_BYTES
    default:
      return roomBodyBytes(message)
    case 'query':
    case 'hit':
    case 'neighbours':
      return searchBodyBytes(message)
  }
}

const candidateBytes = (c: Candidate): number =>
  PEER_ID_BYTES + textBytes(c.address) + textBytes(c.region) + 4 + 24

/** Encodes a message as one frame. Throws ProtocolError where a field exceeds its limit. */
export function encode(message: Message): Uint8Array {
  const size = frameBytes(message)
  if (size > LIMITS.controlFrameBytes)
    throw new ProtocolError(`invalid ${message.type}: ${size} bytes (at most ${LIMITS.controlFrameBytes})`)
  const out = new WireWriter(size)
  out.u32(size - LENGTH_BYTES)
  out.u8(TYPES.indexOf(message.type))
  writeBody(out, message)
  return out.bytes
}

function writeBody(out: WireWriter, m: Message): void {
  switch (m.type) {
    case 'handshake':
      out.contentId(m.contentId)
      out.hex(m.peerId, PEER_ID_BYTES)
      out.text(m.address, LIMITS.addressBytes)
      out.text(m.region, LIMITS.labelBytes)
      out.u8(Number(m.isOrigin))
      out.u8(m.uploadSlots)
      return
    case 'bitfield':
      return writeChunkSet(out, m.chunks)
    case 'have':
      out.u32(m.chunk)
      return writeLoad(out, m.active, m.queued)
    case 'window':
      out.u53(m.first)
      writeLoad(out, m.active, m.queued)
      return writeChunkSet(out, m.chunks, LIMITS.windowChunks)
    case 'interested':
      return out.u8(Number(m.interested))
    case 'choke':
      return
    case 'unchoke':
      return writeLoad(out, m.active, m.queued)
    case 'request':
      out.u32(m.requestId)
      return out.u32(m.chunk)
    case 'chunk':
      out.u32(m.requestId)
      out.u32(m.chunk)
      out.u32(m.bytes)
      return writeLoad(out, m.active, m.queued)
    case 'cancel':
      return out.u32(m.requestId)
    case 'busy':
      out.u32(m.requestId)
      return writeLoad(out, m.active, m.queued)
    case 'announce':
      out.contentId(m.contentId)
      out.hex(m.peerId, PEER_ID_BYTES)
      out.text(m.address, LIMITS.addressBytes)
      out.text(m.region, LIMITS.labelBytes)
      out.u8(EVENTS.indexOf(m.event))
      out.u8(Number(m.isOrigin))
      out.u8(m.uploadSlots)
      writeLoad(out, m.active, m.queued)
      out.u53(m.uploadedBytes)
      out.u53(m.downloadedBytes)
      out.u8(m.wanted)
      writeChunkSet(out, m.chunks)
      if (m.completeness !== undefined) out.f32(m.completeness)
      return
    case 'candidates':
      if (m.candidates.length > LIMITS.candidates)
        throw new ProtocolError(`invalid candidates: ${m.candidates.length} (at most ${LIMITS.candidates})`)
      out.contentId(m.contentId)
      out.u32(m.intervalMs)
      out.u32(m.seeds)
      out.u32(m.leechers)
      out.text(m.policy, LIMITS.labelBytes)
      out.text(m.policyVersion, LIMITS.labelBytes)
      out.u8(m.candidates.length)
      for (const candidate of m.candidates) writeCandidate(out, candidate)
      return
    case 'report':
      if (m.reports.length > LIMITS.reportsPerMessage)
        throw new ProtocolError(
          `invalid report: ${m.reports.length} fetches (at most ${LIMITS.reportsPerMessage})`,
        )
      out.contentId(m.contentId)
      out.hex(m.peerId, PEER_ID_BYTES)
      out.u8(m.reports.length)
      for (const report of m.reports) writeReport(out, report)
      return
    case 'leave':
      out.contentId(m.contentId)
      return out.hex(m.peerId, PEER_ID_BYTES)
    default:
      return writeRoomBody(out, m)
    case 'query':
    case 'hit':
    case 'neighbours':
      return writeSearchBody(out, m)
  }
}

function writeLoad(out: WireWriter, active: number, queued: number): void {
  out.u8(active)
  out.u8(queued)
}

function writeCandidate(out: WireWriter, c: Candidate): void {
  out.hex(c.peerId, PEER_ID_BYTES)
  out.text(c.address, LIMITS.addressBytes)
  out.text(c.region, LIMITS.labelBytes)
  out.u8(Number(c.isOrigin))
  out.u8(c.uploadSlots)
  writeLoad(out, c.active, c.queued)
  out.f32(c.completeness)
  out.f32(c.sessionAgeMs)
  out.f32(c.loadAgeMs)
  out.f32(c.goodputBps)
  out.f32(c.successShare)
  out.f32(c.uploadBps)
}

function writeReport(out: WireWriter, report: FetchReport): void {
  out.hex(report.seedId, PEER_ID_BYTES)
  out.u8(FETCH_RESULTS.indexOf(report.result))
  out.u53(report.bytes)
  out.f32(report.durationMs)
}

/** Decodes one whole frame, length field included. Throws ProtocolError on anything that `encode` would not write. */
export function decode(frame: Uint8Array): Message {
  const input = new WireReader(frame)
  const length = input.u32()
  if (frame.length > LIMITS.controlFrameBytes || length !== input.remaining)
    throw new ProtocolError(
      `invalid frame length: ${length} (${input.remaining} bytes there, at most ${LIMITS.controlFrameBytes})`,
    )
  const message = readBody(input, pick(TYPES, input.u8(), 'message type'))
  if (input.remaining > 0)
    throw new ProtocolError(`invalid ${message.type}: ${input.remaining} bytes too long`)
  return message
}

function readBody(input: WireReader, type: MessageType): Message {
  switch (type) {
    case 'handshake':
      return {
        type,
        contentId: input.contentId(),
        peerId: input.hex(PEER_ID_BYTES),
        address: input.text(LIMITS.addressBytes),
        region: input.text(LIMITS.labelBytes),
        isOrigin: input.flag(),
        uploadSlots: input.u8(),
      }
    case 'bitfield':
      return { type, chunks: readChunkSet(input) }
    case 'have':
      return { type, chunk: readChunkNumber(input), active: input.u8(), queued: input.u8() }
    case 'window':
      return {
        type,
        first: input.u53(),
        active: input.u8(),
        queued: input.u8(),
        chunks: readChunkSet(input, LIMITS.windowChunks),
      }
    case 'interested':
      return { type, interested: input.flag() }
    case 'choke':
      return { type }
    case 'unchoke':
      return { type, active: input.u8(), queued: input.u8() }
    case 'request':
      return { type, requestId: input.u32(), chunk: readChunkNumber(input) }
    case 'chunk':
      return {
        type,
        requestId: input.u32(),
        chunk: readChunkNumber(input),
        bytes: bounded(input.u32(), 1, LIMITS.chunkBytes, 'chunk bytes'),
        active: input.u8(),
        queued: input.u8(),
      }
    case 'cancel':
      return { type, requestId: input.u32() }
    case 'busy':
      return { type, requestId: input.u32(), active: input.u8(), queued: input.u8() }
    case 'announce':
      return {
        type,
        contentId: input.contentId(),
        peerId: input.hex(PEER_ID_BYTES),
        address: input.text(LIMITS.addressBytes),
        region: input.text(LIMITS.labelBytes),
        event: pick(EVENTS, input.u8(), 'announce event'),
        isOrigin: input.flag(),
        uploadSlots: input.u8(),
        active: input.u8(),
        queued: input.u8(),
        uploadedBytes: input.u53(),
        downloadedBytes: input.u53(),
        wanted: bounded(input.u8(), 0, LIMITS.candidates, 'wanted'),
        chunks: readChunkSet(input),
        ...(input.remaining > 0 && { completeness: bounded(input.f32(), 0, 1, 'completeness') }),
      }
    case 'candidates':
      return {
        type,
        contentId: input.contentId(),
        intervalMs: input.u32(),
        seeds: input.u32(),
        leechers: input.u32(),
        policy: input.text(LIMITS.labelBytes),
        policyVersion: input.text(LIMITS.labelBytes),
        candidates: readList(input, LIMITS.candidates, 'candidates', readCandidate),
      }
    case 'report':
      return {
        type,
        contentId: input.contentId(),
        peerId: input.hex(PEER_ID_BYTES),
        reports: readList(input, LIMITS.reportsPerMessage, 'reports', readReport),
      }
    case 'leave':
      return { type, contentId: input.contentId(), peerId: input.hex(PEER_ID_BYTES) }
    default:
      return readRoomBody(input, type)
    case 'query':
    case 'hit':
    case 'neighbours':
      return readSearchBody(input, type)
  }
}

function readCandidate(input: WireReader): Candidate {
  return {
    peerId: input.hex(PEER_ID_BYTES),
    address: input.text(LIMITS.addressBytes),
    region: input.text(LIMITS.labelBytes),
    isOrigin: input.flag(),
    uploadSlots: input.u8(),
    active: input.u8(),
    queued: input.u8(),
    completeness: input.measure(),
    sessionAgeMs: input.measure(),
    loadAgeMs: input.measure(),
    goodputBps: input.measure(),
    successShare: input.measure(),
    uploadBps: input.measure(),
  }
}

function readReport(input: WireReader): FetchReport {
  return {
    seedId: input.hex(PEER_ID_BYTES),
    result: pick(FETCH_RESULTS, input.u8(), 'fetch result'),
    bytes: input.u53(),
    durationMs: input.measure(),
  }
}

const readChunkNumber = (input: WireReader): number =>
  bounded(input.u32(), 0, LIMITS.chunksPerContent - 1, 'chunk number')

function readList<T>(input: WireReader, most: number, what: string, read: (input: WireReader) => T): T[] {
  const count = bounded(input.u8(), 0, most, `number of ${what}`)
  return Array.from({ length: count }, () => read(input))
}

function pick<T>(list: readonly T[], index: number, what: string): T {
  if (index >= list.length) throw new ProtocolError(`invalid ${what}: ${index} (0 to ${list.length - 1})`)
  return list[index]
}
