import { type LivePeerOptions, startGet } from '../../peer/live/compose.ts'
import { LiveError } from '../../peer/live/errors.ts'
import type { FetchedContent } from '../../peer/live/media-content.ts'
import { fetchTorrent } from '../../peer/live/torrent-share.ts'
import { parseTorrentTracker } from '../../peer/live/torrent-trackers.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import type { PeerStats } from '../../peer/core/stats.ts'
import { openFinders } from './finder-options.ts'
import { nodeOptions } from './node-options.ts'
import { DEFAULT_TRACKER } from './peer-options.ts'
import { type SearchArguments, searchOf } from './search-options.ts'
import { type TorrentArguments, torrentsOf } from './torrent-options.ts'

/** Which trackers to turn to for a source: those given; else a torrent names its own, or is found without one. */
export const trackersFor = (source: string, given: readonly string[]): string[] =>
  given.length > 0 || !isSeedbedHash(source) ? [...given] : [DEFAULT_TRACKER]

/** Whether a text is the hash of a content that Seedbed's own tracker knows; else it names a torrent. */
export const isSeedbedHash = (source: string): boolean => /^[0-9a-f]{64}$/i.test(source)

export interface SourceResult {
  readonly path: string
  readonly manifest: Manifest
  readonly resumedChunks: number
  readonly durationMs: number
  readonly stats: PeerStats
}

/** A content that is being fetched, however it was named. */
export interface FetchedSource extends FetchedContent {
  /** The address that is announced. */
  readonly address: string
  readonly resumedChunks: number
  /** Resolves when all is there under its final name. */
  readonly done: Promise<SourceResult>
  leave(): Promise<void>
}

export interface SourceOptions {
  readonly source: string
  readonly outDir: string
  readonly search: SearchArguments
  readonly torrents?: TorrentArguments
  /** A chunk has been verified and kept. */
  chunk?(chunk: number): void
  /** The torrent has to be asked of others first. */
  resolving(): void
}

/** Begins to fetch what a user names: a hash of Seedbed's, a .torrent file or its URL, a magnet link, an info hash. */
export async function fetchSource(options: LivePeerOptions, given: SourceOptions): Promise<FetchedSource> {
  const { source, outDir, chunk = () => {} } = given
  if (isSeedbedHash(source)) return startGet({ ...options, contentId: source, outDir, chunk })
  const shared = nodeOptions(options)
  const search = searchOf(given.search, shared.random)
  const { signal = new AbortController().signal } = options
  const found = await openFinders(given.torrents ?? {}, shared.random, (error) => options.warning?.(error))
  const handle = await fetchTorrent({
    ...shared,
    trackers: options.trackers.map(parseTorrentTracker),
    ...(search && { others: search.accept }),
    finders: [...(search ? [search.finder] : []), ...found.finders],
    ...torrentsOf(given.torrents ?? {}),
    ...{ source, outDir, chunk, signal, resolving: given.resolving },
  }).catch(async (error: unknown) => {
    await search?.stop()
    await found.close()
    throw error
  })
  return {
    ...handle,
    leave: async () => {
      await search?.stop()
      await handle.leave()
      await found.close()
    },
  }
}

/** The file of a content that is played where nobody names one: the largest. */
export function mainFile<T extends { readonly bytes: number }>(files: readonly T[]): T {
  const largest = files.reduce((most, file) => (file.bytes > most.bytes ? file : most), files[0])
  if (!largest) throw new LiveError('E_EMPTY', 'there is no file in it')
  return largest
}
