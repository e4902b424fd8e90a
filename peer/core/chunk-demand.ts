/** The chunks from `start` up to, not including, `end`; none where they are equal. */
export interface ChunkRange {
  readonly start: number
  readonly end: number
}

/**
 * Which chunks a peer wants now, from whom and until when. A peer without a demand wants all chunks, by its settings'
 * order. What it says may change with time alone: it is asked anew for every choice, and its owner calls
 * `Peer.demandChanged` when a choice may have become possible.
 */
export interface ChunkDemand {
  /** Whether the peer has a use for other peers now: dials them, and asks the tracker for them. */
  readonly wantsPeers: boolean
  /** Chunks to fetch from other peers. A fetch of a chunk that is in neither range is given up, but for those that `keeps` names. */
  readonly window: ChunkRange
  /** Which chunk of the window first; ties of rarity are broken at random. */
  readonly order: 'in-order' | 'rarest-first'
  /** Chunks to fetch from the origin now, in order, whoever else has them; other peers are asked for them only while no origin answers. */
  readonly urgent: ChunkRange
  /** Whether the origin is also asked for those urgent chunks that another peer is being asked for. */
  readonly rescues: boolean
  /** Fetches under way at once at the origin. */
  readonly originFetches: number
  /** Whether to start no upload for now. */
  readonly pausesUploads: boolean
  /** Whether a fetch under way is still of use although its chunk is in neither range now; where it is left out, none is. */
  keeps?(chunk: number): boolean
  /** Time of the clock at which a chunk will be needed if all goes well, as seen now; NaN where none can be told. */
  deadlineMs(chunk: number): number
}

const NO_CHUNKS: ChunkRange = { start: 0, end: 0 }

/** The demand of a peer that serves what it has and wants nothing. */
export const NOTHING_WANTED: ChunkDemand = {
  wantsPeers: false,
  window: NO_CHUNKS,
  order: 'in-order',
  urgent: NO_CHUNKS,
  rescues: false,
  originFetches: 0,
  pausesUploads: false,
  deadlineMs: () => NaN,
}
