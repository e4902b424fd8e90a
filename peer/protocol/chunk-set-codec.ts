import { ChunkSet } from './chunk-set.ts'
import { ProtocolError } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { WireReader, WireWriter } from './wire.ts'

/** Bytes that a chunk set takes on the wire. */
export const chunkSetBytes = (chunks: ChunkSet): number => 4 + ((chunks.size + 7) >>> 3)

/** Writes a set of at most `most` chunks: `u32 size | bits`. Throws ProtocolError. */
export function writeChunkSet(
  out: WireWriter,
  chunks: ChunkSet,
  most: number = LIMITS.chunksPerContent,
): void {
  out.u32(bounded(chunks.size, 1, most, 'chunk count'))
  out.raw(chunks.toBytes())
}

/** Reads what `writeChunkSet` wrote. Throws ProtocolError. */
export function readChunkSet(input: WireReader, most: number = LIMITS.chunksPerContent): ChunkSet {
  const size = bounded(input.u32(), 1, most, 'chunk count')
  const chunks = ChunkSet.fromBytes(input.raw((size + 7) >>> 3), size)
  if (!chunks) throw new ProtocolError(`invalid bitfield: spare bits set behind ${size} chunks`)
  return chunks
}

/** The value, where it lies within bounds. Throws ProtocolError. */
export function bounded(value: number, least: number, most: number, what: string): number {
  if (!(value >= least && value <= most))
    throw new ProtocolError(`invalid ${what}: ${value} (${least} to ${most})`)
  return value
}
