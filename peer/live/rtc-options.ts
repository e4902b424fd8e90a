/** Bounds of a peer's WebRTC side. */
export interface RtcLimits {
  /** Most connections at once, those being set up included; offers beyond them are not answered. */
  readonly maxConnections: number
  /** Most offers that wait for an answer at once, over all trackers of a swarm. */
  readonly maxOffers: number
  /** Most offers in one announce. */
  readonly offersPerAnnounce: number
  /** Own addresses that are not known by then are left out of an offer or answer. */
  readonly gatherTimeoutMs: number
  /** An offer that nobody has answered by then is withdrawn. */
  readonly offerTimeoutMs: number
  /** A connection whose channel is not open so long after both descriptions are known is given up. */
  readonly connectTimeoutMs: number
  /**
   * Who answers an offer starts to look for a way so much later: where it finds one before its answer has arrived, the
   * encryption begins on the other side before that knows whom to expect, and fails (libdatachannel, pull request 1612).
   */
  readonly answerLeadMs: number
  /** A peer with a TURN server tries addresses of other private networks this long after the other candidates. */
  readonly unlikelyAfterMs: number
  /** A channel that was closed has this long to send what was said before. */
  readonly lingerMs: number
  /** Longest message; longer writes are split, shorter ones that wait together are joined. */
  readonly messageBytes: number
  /** Writes wait while more than this is buffered, until less than `resumeBytes` is. */
  readonly sendBufferBytes: number
  readonly resumeBytes: number
  /** A channel that has brought so much that nobody read is cut: data channels can't be told to pause. */
  readonly unreadBytes: number
  /** Longest session description, characters. */
  readonly descriptionChars: number
}

export const RTC_LIMITS: RtcLimits = {
  maxConnections: 64,
  maxOffers: 20,
  offersPerAnnounce: 5,
  gatherTimeoutMs: 5_000,
  offerTimeoutMs: 50_000,
  connectTimeoutMs: 20_000,
  answerLeadMs: 1_000,
  unlikelyAfterMs: 3_000,
  lingerMs: 2_000,
  messageBytes: 64 * 1024,
  sendBufferBytes: 1024 * 1024,
  resumeBytes: 256 * 1024,
  unreadBytes: 16 * 1024 * 1024,
  descriptionChars: 16 * 1024,
}

/** A TURN server (RFC 8656), reached over UDP. */
export interface TurnServer {
  readonly hostname: string
  readonly port: number
  readonly username: string
  readonly password: string
}

/** How a peer finds a way to others (RFC 8445). */
export interface IceOptions {
  /** STUN servers (RFC 8489), as `host:port`. */
  readonly stun: readonly string[]
  readonly turn: readonly TurnServer[]
  /** Whether to tell others of no address but those on a TURN server. */
  readonly relayOnly?: boolean
  /** The address to bind to; all of them where it is left out. */
  readonly bindAddress?: string
}
