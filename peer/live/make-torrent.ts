import createTorrent from 'create-torrent'
import { stat } from 'node:fs/promises'
import { LIMITS } from '../protocol/limits.ts'
import { chunkCountOf } from '../protocol/manifest.ts'
import { FileError, fileError } from './errors.ts'
import { parseTorrent, type Torrent, type TorrentSources } from './torrent.ts'

export interface MakeTorrentOptions extends TorrentSources {
  /** Bytes a piece; chosen by the size of the content where it is left out. */
  readonly chunkBytes?: number | undefined
  readonly isPrivate?: boolean
  /** Called as hashing goes on. */
  readonly onProgress?: (hashedBytes: number, totalBytes: number) => void
}

/** Describes a file, or a folder with all that is in it, by hashing it from end to end. Rejects with FileError. */
export async function makeTorrent(path: string, options: MakeTorrentOptions): Promise<Torrent> {
  const { chunkBytes, trackers, webSeeds, isPrivate = false, onProgress } = options
  try {
    const { size } = await stat(path)
    if (size === 0) throw new FileError('E_EMPTY', `can't share ${path}: the file is empty`)
    if (chunkBytes !== undefined) checkChunkBytes(chunkBytes, size)
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      createTorrent(
        path,
        {
          createdBy: 'Seedbed',
          announceList: trackers.map((url) => [url]),
          urlList: [...webSeeds],
          ...(isPrivate && { private: true }),
          ...(chunkBytes !== undefined && { pieceLength: chunkBytes }),
          ...(onProgress && { onProgress }),
        },
        (error, torrent) => (error ? reject(error) : resolve(torrent)),
      )
    })
    return parseTorrent(bytes)
  } catch (error) {
    throw fileError('share', path, error)
  }
}

function checkChunkBytes(chunkBytes: number, totalBytes: number): void {
  const isPower = Number.isInteger(Math.log2(chunkBytes))
  const chunks = chunkCountOf(totalBytes, chunkBytes)
  if (!isPower || chunkBytes < 16_384 || chunkBytes > LIMITS.chunkBytes || chunks > LIMITS.chunksPerContent)
    throw new FileError(
      'E_CHUNK_BYTES',
      `invalid chunk size: ${chunkBytes} (a power of two from 16384 to ${LIMITS.chunkBytes} that gives at most ${LIMITS.chunksPerContent} chunks)`,
    )
}
