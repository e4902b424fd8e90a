import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Digest } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { chunkCountOf, type Manifest } from '../protocol/manifest.ts'
import { FileError, fileError } from './errors.ts'
import { readExactly } from './file-io.ts'
import { chunkDigest } from './chunk-digest.ts'
import { contentIdOf } from './sha256.ts'

/** Chunk size where nobody names another: 1 MiB. */
export const DEFAULT_CHUNK_BYTES = 1024 * 1024
/** Chunks that are read and hashed at once. */
const PARALLEL = 4

export interface ManifestFileOptions {
  readonly chunkBytes?: number
  /** Called as hashing goes on; may throw to end it. */
  readonly onProgress?: (hashedBytes: number, totalBytes: number) => void
}

/** Builds the manifest of a file by hashing it once from end to end. Rejects with FileError. */
export async function manifestOfFile(path: string, options: ManifestFileOptions = {}): Promise<Manifest> {
  const { chunkBytes = DEFAULT_CHUNK_BYTES, onProgress } = options
  if (!Number.isInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > LIMITS.chunkBytes)
    throw new FileError(
      'E_CHUNK_BYTES',
      `invalid chunk size: ${chunkBytes} (1 to ${LIMITS.chunkBytes} bytes)`,
    )
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const before = await file.stat()
    if (!before.isFile())
      throw new FileError('E_NO_FILE', `can't share ${path}: not a file (name single files)`)
    if (before.size === 0) throw new FileError('E_EMPTY', `can't share ${path}: the file is empty`)
    checkCount(path, before.size, chunkBytes)
    const digests = await hashChunks(file, before.size, chunkBytes, onProgress)
    const after = await file.stat()
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      throw new FileError(
        'E_CHANGED',
        `can't share ${path}: it changed while it was read (start again when it is whole)`,
      )
    const manifest = { name: basename(path), totalBytes: before.size, chunkBytes, digests }
    return { contentId: contentIdOf(manifest), ...manifest }
  } catch (error) {
    throw fileError('share', path, error)
  } finally {
    await file?.close()
  }
}

function checkCount(path: string, totalBytes: number, chunkBytes: number): void {
  const chunks = chunkCountOf(totalBytes, chunkBytes)
  if (chunks <= LIMITS.chunksPerContent) return
  const least = 2 ** Math.ceil(Math.log2(totalBytes / LIMITS.chunksPerContent))
  const way = least <= LIMITS.chunkBytes ? `take a chunk size of ${least} or more` : 'split the file'
  throw new FileError(
    'E_TOO_LARGE',
    `can't share ${path}: ${chunks} chunks (at most ${LIMITS.chunksPerContent}: ${way})`,
  )
}

async function hashChunks(
  file: FileHandle,
  totalBytes: number,
  chunkBytes: number,
  onProgress: ManifestFileOptions['onProgress'],
): Promise<Digest[]> {
  const digests = new Array<Digest>(chunkCountOf(totalBytes, chunkBytes))
  let next = 0
  let hashedBytes = 0
  const hashSome = async (): Promise<void> => {
    while (next < digests.length) {
      const chunk = next++
      const at = chunk * chunkBytes
      const data = await readExactly(file, at, Math.min(chunkBytes, totalBytes - at))
      digests[chunk] = await chunkDigest(data, 'sha256')
      hashedBytes += data.length
      onProgress?.(hashedBytes, totalBytes)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, hashSome))
  return digests
}
