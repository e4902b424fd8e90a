import type { Address } from '../protocol/ids.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { FailureReason } from '../core/options.ts'
import type { PeerStats } from '../core/stats.ts'
import type { FileSpan } from './content-files.ts'
import { Deferred } from './deferred.ts'
import { LiveError } from './errors.ts'
import { FileChunkStore } from './file-chunk-store.ts'
import { dataOf } from './live-body.ts'
import { makeTorrent } from './make-torrent.ts'
import type { Torrent } from './torrent.ts'
import { type JoinedTorrent, TorrentNode, type TorrentNodeOptions } from './torrent-node.ts'
import { openSource } from './torrent-source.ts'
import { announceUrlOf } from './torrent-trackers.ts'

/** What an origin does differently: it serves many at once. */
const ORIGIN_SETTINGS = { maxNeighbours: 400, maxUnchoked: 400, uploadSlots: 32, uploadQueue: 256 }

const WHY_FAILED: Readonly<Record<FailureReason, string>> = {
  'no-tracker': 'no tracker has answered (is one running under the address given?)',
  'no-peers': 'no peer could be reached (what is verified is kept: get it again to go on)',
  'no-chunks': 'no peer has sent anything new (what is verified is kept: get it again to go on)',
}

/** A node that takes part in swarms until it leaves. */
export interface TorrentHandle {
  /** The address that is announced. */
  readonly address: Address
  readonly node: TorrentNode
  /** Leaves in order; resolves when the last word is said and the files are closed. */
  leave(): Promise<void>
  /** Stops at once, as a crash would. */
  kill(): Promise<void>
}

export interface ShareOptions extends TorrentNodeOptions {
  /** Files and folders. */
  readonly paths: readonly string[]
  readonly chunkBytes?: number | undefined
  /** HTTP servers that have them. */
  readonly webSeeds?: readonly string[]
  /** Whether this is the origin, which other peers of Seedbed ask only as a last resort. */
  readonly isOrigin: boolean
  /** Whether peers may come from the trackers only. */
  readonly isPrivate?: boolean
  readonly peers?: readonly Address[]
  readonly signal?: AbortSignal
  hashing?(path: string, hashedBytes: number, totalBytes: number): void
}

export interface ShareHandle extends TorrentHandle {
  readonly contents: readonly (JoinedTorrent & { readonly path: string })[]
}

/** Describes files and folders as torrents and seeds them; resolves when others can find them. Rejects with FileError, TorrentError or ListenError. */
export async function shareTorrents(options: ShareOptions): Promise<ShareHandle> {
  const { paths, chunkBytes, webSeeds = [], isOrigin, isPrivate = false, peers = [], signal } = options
  const trackers = options.trackers.map(announceUrlOf)
  const torrents: Torrent[] = []
  for (const path of paths) {
    const onProgress = (hashed: number, total: number): void => options.hashing?.(path, hashed, total)
    torrents.push(await makeTorrent(path, { chunkBytes, trackers, webSeeds, isPrivate, onProgress }))
    signal?.throwIfAborted()
  }
  const settings = { ...(isOrigin && ORIGIN_SETTINGS), ...options.settings }
  const node = await TorrentNode.listen({ ...options, settings })
  const contents: (JoinedTorrent & { path: string })[] = []
  try {
    for (const [i, torrent] of torrents.entries()) {
      if (contents.some((other) => other.torrent.infoHash === torrent.infoHash)) continue
      const store = await FileChunkStore.seed(paths[i], torrent.manifest, {
        files: filesOf(torrent),
        failed: (error) => options.warning?.(error),
      })
      contents.push({ ...node.join({ torrent, store, isOrigin, peers }), path: paths[i] })
    }
    await node.announced()
  } catch (error) {
    await node.leave()
    throw error
  }
  return { contents, node, address: node.address, leave: () => node.leave(), kill: () => node.kill() }
}

export interface FetchOptions extends TorrentNodeOptions {
  /** A `.torrent` file or its URL, a magnet link, or an info hash. */
  readonly source: string
  /** Folder for the content, which keeps its name; made where there is none. */
  readonly outDir: string
  readonly peers?: readonly Address[]
  /** Ends the search for a magnet link's torrent, and checking; a peer that has started is ended with `leave`. */
  readonly signal: AbortSignal
  /** The torrent has to be asked of others, who are being looked for. */
  resolving?(): void
  /** Chunks of an earlier try are being hashed again. */
  checking?(checked: number, total: number): void
  /** A chunk has been verified and kept. */
  chunk?(chunk: number): void
}

export interface FetchResult {
  readonly path: string
  readonly manifest: Manifest
  /** Chunks that an earlier try had left. */
  readonly resumedChunks: number
  readonly durationMs: number
  readonly stats: PeerStats
}

export interface FetchHandle extends TorrentHandle, JoinedTorrent {
  readonly manifest: Manifest
  /** Files of the content, where it is a folder. */
  readonly files: readonly FileSpan[] | undefined
  /** The bytes of a chunk that has come; undefined where they can't be read. */
  read(chunk: number): Promise<Uint8Array | undefined>
  readonly resumedChunks: number
  /** Resolves when the content is whole under its final name. Rejects with a LiveError where it can't be kept, or was left. */
  readonly done: Promise<FetchResult>
}

/** Fetches a torrent's content and seeds it until `leave`. Rejects with TorrentError, FileError or ListenError. */
export async function fetchTorrent(options: FetchOptions): Promise<FetchHandle> {
  const source = await openSource(options.source)
  const node = await TorrentNode.listen(options)
  try {
    if ('magnet' in source) options.resolving?.()
    const { peers = [], signal } = options
    const torrent = 'torrent' in source ? source.torrent : await node.resolve(source.magnet, peers, signal)
    const named = 'magnet' in source ? source.magnet.peers : []
    return await fetchWith(node, torrent, [...peers, ...named], options)
  } catch (error) {
    await node.leave()
    throw error
  }
}

async function fetchWith(
  node: TorrentNode,
  torrent: Torrent,
  peers: readonly Address[],
  options: FetchOptions,
): Promise<FetchHandle> {
  const { manifest } = torrent
  const files = filesOf(torrent)
  const end = new Deferred<FetchResult>()
  const store = await FileChunkStore.download(options.outDir, manifest, {
    files,
    failed: (error, action) => (action === 'write' ? end.reject(error) : options.warning?.(error)),
    checking: (checked, total) => {
      options.signal.throwIfAborted()
      options.checking?.(checked, total)
    },
  })
  const startedMs = performance.now()
  const resumedChunks = store.initial.count
  const complete = (): void => {
    const durationMs = performance.now() - startedMs
    end.resolve({ path: store.path, manifest, resumedChunks, durationMs, stats: joined.peer.stats })
  }
  const joined = node.join({
    ...{ torrent, store, peers, isOrigin: false },
    onComplete: complete,
    onFail: (reason) =>
      end.reject(new LiveError('E_GAVE_UP', `${manifest.name} is not whole: ${WHY_FAILED[reason]}`)),
    onChunk: (chunk) => options.chunk?.(chunk),
  })
  if (joined.peer.isComplete) complete()
  const message = `left before ${manifest.name} was whole (what is verified is kept: get it again)`
  const ended = async (ending: Promise<void>): Promise<void> => {
    await ending
    end.reject(new LiveError('E_LEFT', message))
  }
  return {
    ...joined,
    ...{ node, manifest, files, resumedChunks, address: node.address, done: end.promise },
    read: (chunk) => new Promise((resolve) => store.read(chunk, (body) => resolve(body && dataOf(body)))),
    leave: () => ended(node.leave()),
    kill: () => ended(node.kill()),
  }
}

const filesOf = ({ isFolder, files }: Torrent) => (isFolder ? files : undefined)
