import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import { chunkIntervalMs, SIGNATURE_BYTES, type StreamManifest } from '../protocol/stream.ts'
import { LIMITS } from '../protocol/limits.ts'
import { LIVE_DEFAULTS, type LiveSettings } from '../core/live-options.ts'
import { LiveSource } from '../core/live-source.ts'
import { Deferred } from './deferred.ts'
import { LiveError } from './errors.ts'
import { MediaFeed } from './media-feed.ts'
import { chunkRateBps, END_OF_STREAM, mediaBytesOf, packMedia } from './stream-media.ts'
import { StreamNode, type StreamNodeOptions } from './stream-node.ts'
import { publicKeyOf, signChunk, streamIdOf } from './stream-signature.ts'
import { parseTrackerUrls, putManifestSomewhere } from './tracker-api.ts'

/** Chunks are as small as they may be, or about ten a second. */
const LEAST_CHUNK_BYTES = 2048
const MOST_CHUNK_BYTES = 256 * 1024
const CHUNKS_PER_S = 10
/** Media read ahead: enough for a busy machine's pauses. */
const FEED_MS = 1_000
const LEAST_FEED_BYTES = 64 * 1024
/** After the end a source stays until its viewers have left, so long at most. */
const LINGER_MS = 30_000
const LEAST_PAUSE_MS = 1

export interface StreamShape {
  readonly name: string
  /** Media bytes a second. */
  readonly rateBps: number
  /** Bytes of a chunk; about a tenth of a second of media where it is left out. */
  readonly chunkBytes?: number | undefined
}

/** Describes a stream. Throws LiveError where its chunks are too small or too large to be played in order. */
export function describeStream(
  { name, rateBps, chunkBytes = chunkBytesFor(rateBps) }: StreamShape,
  key: KeyObject,
  live: Partial<LiveSettings> = {},
): StreamManifest {
  const most = LIMITS.chunkBytes - SIGNATURE_BYTES
  if (!Number.isInteger(chunkBytes) || chunkBytes < LEAST_CHUNK_BYTES || chunkBytes > most)
    throw new LiveError(
      'E_CHUNK_BYTES',
      `invalid chunk size: ${chunkBytes} (${LEAST_CHUNK_BYTES} to ${most} bytes)`,
    )
  const { startBufferMs, keepPlayedMs } = { ...LIVE_DEFAULTS, ...live }
  const leastMs = 2 * (startBufferMs + keepPlayedMs)
  const least = Math.ceil((rateBps * leastMs) / 1000 / LIMITS.windowChunks)
  if (chunkBytes < least)
    throw new LiveError(
      'E_CHUNK_BYTES',
      `invalid chunk size: ${chunkBytes} (${least} or more at this rate: viewers keep track of ${LIMITS.windowChunks} chunks)`,
    )
  const shape = { name, chunkBytes, rateBps: chunkRateBps(rateBps, chunkBytes), publicKey: publicKeyOf(key) }
  return { contentId: streamIdOf(shape), ...shape }
}

const chunkBytesFor = (rateBps: number): number =>
  Math.min(MOST_CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, 2 ** Math.round(Math.log2(rateBps / CHUNKS_PER_S))))

export interface SourceOptions extends Omit<StreamNodeOptions, 'trackers'> {
  readonly trackers: readonly string[]
  readonly manifest: StreamManifest
  readonly key: KeyObject
  /**
   * The media from its beginning. Where it is slower than the stream's rate, chunks are short; `isExact` makes them wait for
   * their media instead, so that all sources of one file make the same chunks.
   */
  readonly input: Readable
  readonly isExact: boolean
  /** Silent until the stream's first source fails; fed with the same media. */
  readonly isStandby: boolean
  /** When the stream begins, milliseconds since 1970; the same for a standby. Later than that, chunks are made up for. */
  readonly beginsMs: number
  /** A standby has begun to emit. */
  tookOver?(): void
}

export interface SourceFigures {
  /** Chunks made, and media bytes in them. */
  readonly chunks: number
  readonly mediaBytes: number
  readonly uploadedBytes: number
  readonly neighbours: number
  readonly isEmitting: boolean
  /** Whether the encoder is kept waiting: it is faster than the stream's rate. */
  readonly isInputWaiting: boolean
}

export interface StreamSource {
  readonly manifest: StreamManifest
  /** The address that is announced. */
  readonly address: string
  readonly figures: SourceFigures
  /** Resolves when the media is over and the viewers have left, or have had the time to. Rejects with the error of the media. */
  readonly done: Promise<void>
  /** Tells viewers that the stream is over, as the end of the media does. */
  finish(): void
  leave(): Promise<void>
  kill(): void
}

/** Starts to emit a stream; resolves when others can find it. Rejects with ListenError or TrackerError. */
export async function startSource(options: SourceOptions): Promise<StreamSource> {
  const trackers = parseTrackerUrls(options.trackers)
  const { manifest } = options
  await putManifestSomewhere(trackers, manifest, (error) => options.warning?.(error))
  const node = await StreamNode.join(
    manifest,
    true,
    { ...options, trackers },
    (ports, shared) =>
      new LiveSource(ports, {
        ...shared,
        isStandby: options.isStandby,
        ...(options.tookOver && { onTakeover: () => options.tookOver?.() }),
      }),
  )
  await node.announced
  const emission = new Emission(node.member, options)
  const stop = (): void => emission.stop()
  return {
    manifest,
    address: node.address,
    get figures() {
      return {
        ...{ chunks: emission.chunks, mediaBytes: emission.mediaBytes },
        uploadedBytes: node.member.stats.uploadedBytes,
        neighbours: node.member.neighbourCount,
        isEmitting: node.member.isEmitting,
        isInputWaiting: emission.isInputWaiting,
      }
    },
    done: emission.done,
    finish: () => emission.finish(),
    leave: async () => {
      stop()
      await node.leave()
    },
    kill: () => {
      stop()
      node.kill()
    },
  }
}

/** Makes a chunk whenever one is due. Numbers follow the clock, so that a source that was restarted goes on above its old ones. */
class Emission {
  chunks = 0
  mediaBytes = 0
  readonly #done = new Deferred<void>()
  readonly #source: LiveSource
  readonly #options: SourceOptions
  readonly #feed: MediaFeed
  readonly #chunkMediaBytes: number
  readonly #intervalMs: number
  readonly #first: number
  #next: number
  #timer: NodeJS.Timeout | undefined
  #finishedMs = NaN

  constructor(source: LiveSource, options: SourceOptions) {
    const { manifest, input, beginsMs } = options
    this.#source = source
    this.#options = options
    this.#chunkMediaBytes = mediaBytesOf(manifest)
    this.#feed = new MediaFeed(
      input,
      Math.max(LEAST_FEED_BYTES, 2 * this.#chunkMediaBytes, (manifest.rateBps * FEED_MS) / 1000),
    )
    this.#intervalMs = chunkIntervalMs(manifest)
    this.#first = this.#next = Math.floor(beginsMs / this.#intervalMs)
    this.#plan()
  }

  /** Resolves when the stream is over and its viewers have gone. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get isInputWaiting(): boolean {
    return this.#feed.isFull
  }

  finish(): void {
    if (Number.isNaN(this.#finishedMs)) this.#finishedMs = Date.now()
    this.#feed.close()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#feed.close()
    this.#done.resolve()
  }

  #dueMs(number: number): number {
    return this.#options.beginsMs + (number - this.#first) * this.#intervalMs
  }

  #plan(): void {
    const waitMs = Math.max(LEAST_PAUSE_MS, this.#dueMs(this.#next) - Date.now())
    this.#timer = setTimeout(() => this.#tick(), waitMs)
  }

  #tick(): void {
    while (this.#dueMs(this.#next) <= Date.now()) if (!this.#emitOne()) break
    const { error } = this.#feed
    const isAlone = this.#source.neighbourCount === 0
    const overMs = Date.now() - this.#finishedMs
    if (error && Number.isNaN(this.#finishedMs)) {
      this.finish()
      this.#done.reject(error)
    }
    if (overMs > LINGER_MS || (overMs > this.#intervalMs && isAlone)) this.#done.resolve()
    this.#plan()
  }

  /** Returns whether a chunk was made: an exact one waits for its media. */
  #emitOne(): boolean {
    const { contentId } = this.#options.manifest
    const isOver = this.#feed.isEnded || !Number.isNaN(this.#finishedMs)
    if (isOver && Number.isNaN(this.#finishedMs)) this.#finishedMs = Date.now()
    const mustWait = this.#options.isExact && !this.#feed.isLast && this.#feed.bytes < this.#chunkMediaBytes
    if (mustWait && !isOver) return false
    const media = isOver ? undefined : this.#feed.take(this.#chunkMediaBytes)
    const body = signChunk(contentId, this.#next, media ? packMedia(media) : END_OF_STREAM, this.#options.key)
    this.#source.emit(this.#next++, body)
    this.chunks++
    this.mediaBytes += media?.length ?? 0
    return true
  }
}
