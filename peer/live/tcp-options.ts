/** Bounds of a peer's TCP side. */
export interface TcpLimits {
  /** Most sockets at once, incoming and outgoing; further incoming ones are closed. */
  readonly maxConnections: number
  /** A socket that takes longer to connect is given up. */
  readonly connectTimeoutMs: number
  /** An incoming socket whose handshake has not come by then is closed. */
  readonly handshakeTimeoutMs: number
  /** How often the round-trip time is measured, and whether the other side is still there. */
  readonly pingMs: number
  /** A link on which nothing was heard, or nothing could be sent, for so long is lost. */
  readonly idleTimeoutMs: number
  /** A closed link has this long to send what was said before. */
  readonly lingerMs: number
  /** Chunk payload that waits in the socket; more is handed over when this has left. */
  readonly sendBufferBytes: number
  /** A link whose other side leaves so much unread is lost. */
  readonly maxBacklogBytes: number
  /** Memory for chunks that are being received, over all links. */
  readonly receiveBytes: number
}

export const TCP_LIMITS: TcpLimits = {
  maxConnections: 512,
  connectTimeoutMs: 15_000,
  handshakeTimeoutMs: 10_000,
  pingMs: 15_000,
  idleTimeoutMs: 60_000,
  lingerMs: 5_000,
  sendBufferBytes: 256 * 1024,
  maxBacklogBytes: 4 * 1024 * 1024,
  receiveBytes: 256 * 1024 * 1024,
}
