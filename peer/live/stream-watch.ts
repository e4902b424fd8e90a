import type { Writable } from 'node:stream'
import { type ContentId, parseContentId } from '../protocol/ids.ts'
import type { StreamManifest } from '../protocol/stream.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import { LivePeer } from '../core/live-peer.ts'
import type { PeerStats } from '../core/stats.ts'
import { Deferred } from './deferred.ts'
import { LiveError } from './errors.ts'
import { MediaSink } from './media-sink.ts'
import { unpackMedia } from './stream-media.ts'
import { StreamNode, type StreamNodeOptions } from './stream-node.ts'
import { mediaOf } from './stream-signature.ts'
import { fetchStreamSomewhere, parseTrackerUrls } from './tracker-api.ts'

/** Played media that a slow player may leave unread. */
const SINK_BYTES = 8 * 1024 * 1024
const LOOK_MS = 500

export interface WatchOptions extends Omit<StreamNodeOptions, 'trackers'> {
  readonly trackers: readonly string[]
  readonly contentId: ContentId
  /** Takes the media as it is played; stays open. */
  readonly output: Writable
  /** Fails when nothing could be played for so long; never where it is left out. */
  readonly giveUpMs?: number | undefined
  /** Playback begins, or begins anew behind a gap. */
  playing?(): void
}

/** Why a viewer has ended. */
export type WatchEnd = 'end-of-stream' | 'nobody-reads'

export interface WatchFigures {
  readonly playedChunks: number
  /** Chunks that were not there when they were due. */
  readonly skippedChunks: number
  /** Share of the due chunks that were there, 0 to 1; NaN before any was due. */
  readonly continuity: number
  readonly playedBytes: number
  /** Media that the player did not read in time. */
  readonly droppedBytes: number
  readonly neighbours: number
  readonly isPlaying: boolean
  readonly stats: PeerStats
}

export interface StreamWatch {
  readonly manifest: StreamManifest
  /** The address that is announced. */
  readonly address: string
  readonly figures: WatchFigures
  /** Resolves when the stream is over and its media handed over, or nobody reads it. Rejects with a LiveError. */
  readonly done: Promise<WatchEnd>
  leave(): Promise<void>
  kill(): void
}

/** Joins a live stream and plays it into `output`. Rejects with ProtocolError, ListenError or TrackerError. */
export async function startWatch(options: WatchOptions): Promise<StreamWatch> {
  const trackers = parseTrackerUrls(options.trackers)
  const manifest = await fetchStreamSomewhere(trackers, parseContentId(options.contentId))
  const end = new Deferred<WatchEnd>()
  const sink = new MediaSink(options.output, SINK_BYTES, () => end.resolve('nobody-reads'))
  let isOver = false
  let playedMs = performance.now()
  const play = (body: ChunkBody | undefined): void => {
    if (body === undefined || isOver) return
    playedMs = performance.now()
    const chunk = unpackMedia(mediaOf(body))
    if (chunk.kind === 'media') return sink.write(chunk.media)
    isOver = true
    if (chunk.kind === 'end') void sink.end().then(() => end.resolve('end-of-stream'))
    else
      end.reject(
        new LiveError('E_STREAM', `can't play ${manifest.name}: its source is newer than this program`),
      )
  }
  const node = await StreamNode.join(
    manifest,
    false,
    { ...options, trackers },
    (ports, shared) =>
      new LivePeer(ports, {
        ...shared,
        onStart: () => options.playing?.(),
        onPlay: (_number, body) => play(body),
      }),
  )
  const { giveUpMs = Infinity } = options
  const look = setInterval(() => {
    if (!isOver && performance.now() - playedMs > giveUpMs) end.reject(gaveUp(manifest, node.member))
  }, LOOK_MS)
  const stop = (): void => {
    clearInterval(look)
    sink.abandon()
    end.reject(new LiveError('E_LEFT', `left ${manifest.name} before its end`))
  }
  return {
    manifest,
    address: node.address,
    get figures() {
      const { playback, neighbourCount, stats } = node.member
      const { playedCount, skippedCount, isPlaying } = playback
      return {
        playedChunks: playedCount,
        skippedChunks: skippedCount,
        continuity: playedCount / (playedCount + skippedCount),
        playedBytes: sink.writtenBytes + sink.waitingBytes,
        droppedBytes: sink.droppedBytes,
        neighbours: neighbourCount,
        isPlaying,
        stats,
      }
    },
    done: end.promise,
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

function gaveUp({ name }: StreamManifest, { neighbourCount }: LivePeer): LiveError {
  const why = neighbourCount > 0 ? 'nothing new comes from anybody' : 'no peer could be reached'
  return new LiveError('E_GAVE_UP', `${name} does not play: ${why} (is its source running?)`)
}
