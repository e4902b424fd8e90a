import { decode, LENGTH_BYTES } from './codec.ts'
import { ProtocolError } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Message } from './messages.ts'

/** Most messages in one HTTP body. */
export const MAX_MESSAGES_PER_BODY = 64

/** Longest HTTP body of messages to a tracker, bytes. */
export const MAX_BODY_BYTES = 4 * LIMITS.controlFrameBytes

/** Frames one after the other, as an HTTP body carries them. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0))
  let at = 0
  for (const frame of frames) {
    bytes.set(frame, at)
    at += frame.length
  }
  return bytes
}

/** Takes as many frames off the front as one body holds, and joins them. */
export function takeBody(waiting: Uint8Array[]): Uint8Array {
  let count = 0
  for (let bytes = 0; count < Math.min(waiting.length, MAX_MESSAGES_PER_BODY); count++) {
    bytes += waiting[count].length
    if (bytes > MAX_BODY_BYTES) break
  }
  return joinFrames(waiting.splice(0, count))
}

/** The messages of joined frames. Throws ProtocolError. */
export function decodeAll(bytes: Uint8Array): Message[] {
  const messages: Message[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length;) {
    if (messages.length === MAX_MESSAGES_PER_BODY)
      throw new ProtocolError(`invalid body: more than ${MAX_MESSAGES_PER_BODY} messages`)
    if (bytes.length - at <= LENGTH_BYTES)
      throw new ProtocolError(`invalid body: ${bytes.length - at} bytes behind the last frame`)
    const end = at + LENGTH_BYTES + view.getUint32(at)
    if (end > bytes.length)
      throw new ProtocolError(`invalid body: a frame ends ${end - bytes.length} bytes behind it`)
    messages.push(decode(bytes.subarray(at, end)))
    at = end
  }
  return messages
}
