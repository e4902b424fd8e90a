import { ProtocolError } from './errors.ts'

// How a chunk's payload and the transport's own signals travel between the frames of the codec. A segment is
// `u32 length | u8 type | u32 requestId | payload`; every segment of a chunk but its last carries SEGMENT_BYTES, so
// that several chunks and control frames can take turns on one link. An empty segment says that the chunk it belongs
// to is given up. A ping (`u32 length | u8 type | u32 token`) is answered by a pong with its token.

/** Payload of every segment but a chunk's last, bytes. */
export const SEGMENT_BYTES = 32 * 1024
/** Bytes of a segment before its payload; also those of a ping or a pong. */
export const SEGMENT_HEADER_BYTES = 9

/** Frame types that are not messages; above all that the codec uses. */
export const SEGMENT_TYPE = 0x80
export const PING_TYPE = 0x81
export const PONG_TYPE = 0x82

/** Number of segments in which a chunk of `bytes` is sent. */
export const segmentsOf = (bytes: number): number => Math.ceil(bytes / SEGMENT_BYTES)

/** The header of a segment with `payloadBytes` of payload; 0 gives the chunk up. */
export const segmentHeader = (requestId: number, payloadBytes: number): Uint8Array =>
  signal(SEGMENT_TYPE, requestId, payloadBytes)

/** A ping or its answer. */
export const pingFrame = (type: typeof PING_TYPE | typeof PONG_TYPE, token: number): Uint8Array =>
  signal(type, token, 0)

function signal(type: number, value: number, payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, SEGMENT_HEADER_BYTES - 4 + payloadBytes)
  view.setUint8(4, type)
  view.setUint32(5, value)
  return bytes
}

/** Checks the payload size of a segment against what its chunk still lacks. Throws ProtocolError. */
export function checkSegment(payloadBytes: number, missingBytes: number): void {
  const due = Math.min(SEGMENT_BYTES, missingBytes)
  if (payloadBytes !== due && payloadBytes !== 0)
    throw new ProtocolError(`invalid segment: ${payloadBytes} bytes (${due} expected, or 0 to give up)`)
}
