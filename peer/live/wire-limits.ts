/** Bounds of the BitTorrent side of a peer. */
export interface WireLimits {
  /** Most connections at once, incoming and outgoing; further incoming ones are closed. */
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  /** A connection whose BitTorrent handshake has not come by then is closed. */
  readonly handshakeTimeoutMs: number
  /** A link on which nothing was heard for so long is lost: clients send a keep-alive every 120 s (BEP 3). */
  readonly idleTimeoutMs: number
  /** A closed link has this long to send what was said before. */
  readonly lingerMs: number
  /** Payload that waits in a stream; more is handed over when this has left. */
  readonly sendBufferBytes: number
  /** A link whose other side leaves so much unread is lost. */
  readonly maxBacklogBytes: number
  /** Longest message taken, bytes: bitfields of the largest contents and blocks of 128 KiB fit. */
  readonly maxMessageBytes: number
  /** Block requests of one neighbour that may wait here; told as `reqq` in the extension handshake. */
  readonly maxBlockRequests: number
  /** Memory for chunks that are being received, over all links. */
  readonly receiveBytes: number
}

export const WIRE_LIMITS: WireLimits = {
  maxConnections: 256,
  connectTimeoutMs: 15_000,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 150_000,
  lingerMs: 3_000,
  sendBufferBytes: 512 * 1024,
  maxBacklogBytes: 4 * 1024 * 1024,
  maxMessageBytes: 256 * 1024,
  maxBlockRequests: 512,
  receiveBytes: 256 * 1024 * 1024,
}

/** What one request asks for at most (BEP 3); larger ones are taken up to `MAX_BLOCK_BYTES`. */
export const BLOCK_BYTES = 16 * 1024
export const MAX_BLOCK_BYTES = 128 * 1024
