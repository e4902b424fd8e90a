import { randomBytes } from 'node:crypto'
import { createRanker, type PolicySpec } from '../../model/policies.ts'
import type { RankingModel } from '../../model/policy-model.ts'
import type { Endpoint } from '../protocol/endpoint.ts'
import { type ContentId, parseContentId } from '../protocol/ids.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { Recorder } from '../ports/recorder.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import type { FailureReason, PeerSettings } from '../core/options.ts'
import type { Peer } from '../core/peer.ts'
import type { PeerStats } from '../core/stats.ts'
import { Deferred } from './deferred.ts'
import { LiveError } from './errors.ts'
import { FileChunkStore } from './file-chunk-store.ts'
import { dataOf } from './live-body.ts'
import { manifestOfFile } from './manifest-file.ts'
import { PeerNode } from './peer-node.ts'
import type { TcpLimits } from './tcp-options.ts'
import { fetchManifestSomewhere, parseTrackerUrls, putManifestSomewhere } from './tracker-api.ts'

const NO_RECORDER: Recorder = { wants: () => false, record: () => undefined }

export interface LivePeerOptions {
  /** The trackers' URLs, best first; the others are for when it fails. */
  readonly trackers: readonly string[]
  /** Where to accept links; port 0 takes a free one. */
  readonly listen: Endpoint
  readonly region: string
  readonly policy: PolicySpec
  /** Needed by the policy `model`. */
  readonly model?: RankingModel | undefined
  readonly recorder?: Recorder | undefined
  readonly settings?: Partial<PeerSettings>
  readonly limits?: TcpLimits
  /** Makes peer ids and choices reproducible; drawn from the system where it is left out. */
  readonly seed?: string | undefined
  /** Ends hashing and starting early; a peer that has started is ended with `leave`. */
  readonly signal?: AbortSignal
  /** Something went wrong that the peer lives with. */
  warning?(error: Error): void
}

/** What an origin does differently: it serves many at once. */
const ORIGIN_SETTINGS: Partial<PeerSettings> = {
  maxNeighbours: 400,
  maxUnchoked: 400,
  uploadSlots: 32,
  uploadQueue: 128,
}

const WHY_FAILED: Readonly<Record<FailureReason, string>> = {
  'no-tracker': 'no tracker has answered (is one running under the address given?)',
  'no-peers': 'no peer could be reached (what is verified is kept: get it again to go on)',
  'no-chunks': 'no peer has sent anything new (what is verified is kept: get it again to go on)',
}

export interface SeedOptions extends LivePeerOptions {
  readonly files: readonly string[]
  /** Bytes a chunk; 1 MiB where it is left out. */
  readonly chunkBytes?: number | undefined
  /** Whether this is the origin, which other peers ask only as a last resort. */
  readonly isOrigin: boolean
  hashing?(file: string, hashedBytes: number, totalBytes: number): void
}

export interface SeededContent {
  readonly file: string
  readonly manifest: Manifest
  readonly peer: Peer
}

export interface LivePeer {
  /** The address that is announced. */
  readonly address: string
  /** Leaves in order; resolves when the last word is said and the files are closed. */
  leave(): Promise<void>
  /** Stops at once, as a crash would. */
  kill(): Promise<void>
}

export interface SeedHandle extends LivePeer {
  readonly contents: readonly SeededContent[]
}

/** Hashes files, registers them with the tracker and seeds them; resolves when others can find them. Rejects with FileError, ListenError or TrackerError. */
export async function startSeed(options: SeedOptions): Promise<SeedHandle> {
  const trackers = parseTrackerUrls(options.trackers)
  const manifests: Manifest[] = []
  for (const file of options.files)
    manifests.push(
      await manifestOfFile(file, {
        ...(options.chunkBytes !== undefined && { chunkBytes: options.chunkBytes }),
        onProgress: (hashed, total) => {
          options.signal?.throwIfAborted()
          options.hashing?.(file, hashed, total)
        },
      }),
    )
  const settings = { ...(options.isOrigin && ORIGIN_SETTINGS), ...options.settings }
  const node = await listen({ ...options, settings }, trackers)
  const contents: SeededContent[] = []
  try {
    for (const [i, manifest] of manifests.entries()) {
      if (contents.some((other) => other.manifest.contentId === manifest.contentId)) continue
      const file = options.files[i]
      await putManifestSomewhere(trackers, manifest, (error) => options.warning?.(error))
      const store = await FileChunkStore.seed(file, manifest, {
        failed: (error) => options.warning?.(error),
      })
      contents.push({ file, manifest, peer: node.join({ manifest, store, isOrigin: options.isOrigin }) })
    }
    await node.announced()
  } catch (error) {
    await node.leave()
    throw error
  }
  return { contents, address: node.address, leave: () => node.leave(), kill: () => node.kill() }
}

export interface GetOptions extends LivePeerOptions {
  readonly contentId: ContentId
  /** Folder for the file, which keeps its name; made where there is none. */
  readonly outDir: string
  /** Chunks of an earlier try are being hashed again. */
  checking?(checked: number, total: number): void
  /** A chunk has been verified and kept. */
  chunk?(chunk: number): void
}

export interface GetResult {
  readonly path: string
  readonly manifest: Manifest
  /** Chunks that an earlier try had left. */
  readonly resumedChunks: number
  readonly durationMs: number
  readonly stats: PeerStats
}

export interface GetHandle extends LivePeer {
  readonly manifest: Manifest
  readonly peer: Peer
  readonly resumedChunks: number
  /** The bytes of a chunk that has come; undefined where they can't be read. */
  read(chunk: number): Promise<Uint8Array | undefined>
  /** Resolves when the file is whole under its final name. Rejects with a LiveError where it can't be kept, or was left. */
  readonly done: Promise<GetResult>
}

/** Fetches a content and seeds it until `leave`. Rejects with ProtocolError, FileError, ListenError or TrackerError. */
export async function startGet(options: GetOptions): Promise<GetHandle> {
  const trackers = parseTrackerUrls(options.trackers)
  const manifest = await fetchManifestSomewhere(trackers, parseContentId(options.contentId))
  const end = new Deferred<GetResult>()
  const store = await FileChunkStore.download(options.outDir, manifest, {
    failed: (error, action) => (action === 'write' ? end.reject(error) : options.warning?.(error)),
    checking: (checked, total) => {
      options.signal?.throwIfAborted()
      options.checking?.(checked, total)
    },
  })
  let node: PeerNode
  try {
    node = await listen(options, trackers)
  } catch (error) {
    await store.close()
    throw error
  }
  const startedMs = performance.now()
  const resumedChunks = store.initial.count
  const complete = (): void => {
    const durationMs = performance.now() - startedMs
    end.resolve({ path: store.path, manifest, resumedChunks, durationMs, stats: peer.stats })
  }
  const peer = node.join({
    manifest,
    store,
    isOrigin: false,
    onComplete: complete,
    onFail: (reason) =>
      end.reject(new LiveError('E_GAVE_UP', `${manifest.name} is not whole: ${WHY_FAILED[reason]}`)),
    onChunk: (chunk) => options.chunk?.(chunk),
  })
  if (peer.isComplete) complete()
  const left = new LiveError(
    'E_LEFT',
    `left before ${manifest.name} was whole (what is verified is kept: get it again)`,
  )
  return {
    manifest,
    peer,
    resumedChunks,
    address: node.address,
    read: (chunk) => new Promise((resolve) => store.read(chunk, (body) => resolve(body && dataOf(body)))),
    done: end.promise,
    leave: async () => {
      await node.leave()
      end.reject(left)
    },
    kill: async () => {
      await node.kill()
      end.reject(left)
    },
  }
}

function listen(options: LivePeerOptions, trackers: readonly string[]): Promise<PeerNode> {
  const { policy, model, listen: endpoint, region, settings, recorder = NO_RECORDER, limits } = options
  return PeerNode.listen(
    {
      trackers,
      listen: endpoint,
      region,
      random: new SeededRandom(options.seed ?? randomBytes(16).toString('hex')),
      recorder,
      ranker: (random) => createRanker(policy, { random, model }),
      ...(settings && { settings }),
      warning: (error) => options.warning?.(error),
    },
    limits,
  )
}
