/** Bounds on everything that crosses the wire. Senders respect them; the codec refuses what exceeds them. */
export const LIMITS = {
  /** Longest encoded frame without chunk payload, bytes. */
  controlFrameBytes: 128 * 1024,
  /** Largest chunk, bytes. */
  chunkBytes: 16 * 1024 * 1024,
  /** Most chunks of one content. */
  chunksPerContent: 65_536,
  /** Most chunks of a live stream between the oldest and the newest that a peer keeps or tells of. */
  windowChunks: 4096,
  /** Longest manifest as JSON text, bytes: a quoted digest a chunk and a little more. */
  manifestBytes: 4096 + 70 * 65_536,
  /** Longest textual address (host and port, URL or simulated name), UTF-8 bytes. */
  addressBytes: 255,
  /** Longest region label, policy name or policy version, UTF-8 bytes. */
  labelBytes: 63,
  /** Most candidates that one tracker answer carries. */
  candidates: 200,
  /** Most fetch reports in one outcome report. */
  reportsPerMessage: 64,
  /** Largest value of the load counters (one byte each on the wire). */
  loadCounter: 255,
  /** Most addresses in one message between neighbours that search. */
  addressesPerMessage: 32,
  /** Most links that a query may travel. */
  queryTtl: 15,
  /** Most tracks of a room's queue. */
  roomTracks: 200,
  /** Longest track, milliseconds. */
  trackMs: 24 * 3600 * 1000,
  /** Slowest and fastest playing speed of a room. */
  leastRate: 0.25,
  mostRate: 4,
} as const
