import type { PeerSettings } from '../core/options.ts'

const MIB = 1024 * 1024
/** What is under way at one seed, and at all together, so that long fat paths are filled whatever the size of a piece. */
const BYTES_PER_SEED = 4 * MIB
const BYTES_IN_ALL = 16 * MIB
/** A seed that is slower than this times out with its first piece. */
const SLOWEST_BPS = 50_000

const between = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, Math.ceil(value)))

/** How a peer behaves in a torrent whose pieces have that size; the rest as everywhere. */
export function torrentSettings(chunkBytes: number): Partial<PeerSettings> {
  const maxFetchesPerSeed = between(2, BYTES_PER_SEED / chunkBytes, 64)
  const minFetchTimeoutMs = Math.max(30_000, (1000 * chunkBytes) / SLOWEST_BPS)
  return {
    maxFetchesPerSeed,
    maxFetches: between(8, BYTES_IN_ALL / chunkBytes, 128),
    gossipMs: 10_000,
    uploadSlots: 8,
    uploadQueue: 64,
    uploadsPerNeighbour: 64,
    minFetchTimeoutMs,
    maxFetchTimeoutMs: 4 * minFetchTimeoutMs,
  }
}
