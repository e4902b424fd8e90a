import type { Manifest } from '../protocol/manifest.ts'
import type { Clock } from '../ports/clock.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { Audience, type Listener } from '../core/audience.ts'
import { MediaTimeline } from '../core/media.ts'
import type { Peer } from '../core/peer.ts'
import { PLAYBACK_DEFAULTS, PlaybackDemand } from '../core/playback-demand.ts'
import { Player } from '../core/player.ts'
import type { ByteRange } from './byte-range.ts'
import { LiveError } from './errors.ts'

/** A content that is being fetched, and can be read where it has come already. */
export interface FetchedContent {
  readonly manifest: Manifest
  readonly peer: Peer
  /** Files of the content, where it has several. */
  readonly files?: readonly MediaFile[] | undefined
  /** The bytes of a chunk that has come; undefined where they can't be read. */
  read(chunk: number): Promise<Uint8Array | undefined>
}

/** A file of a content: its path, and where it begins there. */
export interface MediaFile {
  readonly path: string
  readonly offset: number
  readonly bytes: number
}

/** Players hear of chunks as they come: what they have played of them is theirs to say. */
const NO_BUFFER = { startBufferMs: 0, resumeBufferMs: 0 }

/** A content that is read while it is fetched: what readers wait for comes first, in the order in which they play it. */
export class MediaContent {
  readonly files: readonly MediaFile[]
  readonly #content: FetchedContent
  readonly #mediaBps: number
  readonly #clock: Clock = new SystemClock()
  readonly #audience: Audience
  readonly #waiting = new Map<number, Set<() => void>>()

  /** `mediaBps`: bytes of one second of media, where nobody knows better. */
  constructor(content: FetchedContent, mediaBps: number) {
    const { name, totalBytes, digests } = content.manifest
    this.#content = content
    this.#mediaBps = mediaBps
    this.files = content.files ?? [{ path: name, offset: 0, bytes: totalBytes }]
    this.#audience = new Audience(digests.length)
    content.peer.demand = this.#audience
  }

  get manifest(): Manifest {
    return this.#content.manifest
  }

  /** Reads under way. */
  get readerCount(): number {
    return this.#audience.size
  }

  /** A chunk has been verified and kept. */
  chunkKept(chunk: number): void {
    this.#audience.served(chunk)
    this.#content.peer.demandChanged()
    const waiting = this.#waiting.get(chunk)
    this.#waiting.delete(chunk)
    for (const go of waiting ?? []) go()
  }

  /** The bytes of a range, piece by piece as they come. Rejects with a LiveError, or the signal's reason. */
  async *read(
    { start, end }: ByteRange,
    signal: AbortSignal,
    mediaBps = this.#mediaBps,
  ): AsyncGenerator<Uint8Array> {
    const { chunkBytes } = this.manifest
    const first = Math.floor(start / chunkBytes)
    const listener = this.#listen(first, mediaBps)
    try {
      for (let chunk = first; chunk * chunkBytes < end; chunk++) {
        await this.#come(chunk, signal)
        const data = await this.#content.read(chunk)
        if (!data)
          throw new LiveError('E_READ', `can't read chunk ${chunk} of ${this.manifest.name}: was it changed?`)
        const at = chunk * chunkBytes
        yield data.subarray(Math.max(0, start - at), Math.min(data.length, end - at))
      }
    } finally {
      this.#audience.remove(listener)
      this.#content.peer.demandChanged()
    }
  }

  /** The bytes of a short range at once. */
  async readAll(range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.read(range, signal)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** Readers want nothing any more. */
  close(): void {
    this.#audience.stop()
  }

  #listen(chunk: number, mediaBps: number): Listener {
    const { peer, manifest } = this.#content
    const timeline = new MediaTimeline(manifest, mediaBps)
    const player = new Player(this.#clock, timeline, peer.have, NO_BUFFER)
    player.seek(timeline.startMs(chunk))
    const demand = new PlaybackDemand(this.#clock, player, PLAYBACK_DEFAULTS, () => peer.demandChanged())
    const listener = { player, demand }
    this.#audience.add(listener)
    player.play()
    return listener
  }

  /** Resolves when a chunk is there. */
  #come(chunk: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#content.peer.have.has(chunk)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(chunk) ?? new Set()
      const go = (): void => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      const stop = (): void => {
        waiting.delete(go)
        if (waiting.size === 0) this.#waiting.delete(chunk)
        reject(signal.reason as Error)
      }
      this.#waiting.set(chunk, waiting.add(go))
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}
