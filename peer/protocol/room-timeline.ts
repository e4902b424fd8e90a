import type { RoomHead, RoomTrack } from './room-messages.ts'

/** A place on the time line of a queue, in terms of its tracks. */
export interface TrackPlace {
  /** Number of the track in the queue. */
  readonly track: number
  readonly positionMs: number
}

/** Length of a queue's time line in milliseconds. */
export function queueMs(queue: readonly RoomTrack[]): number {
  let totalMs = 0
  for (const { durationMs } of queue) totalMs += durationMs
  return totalMs
}

/** Where a track starts on its queue's time line. */
export function trackStartMs(queue: readonly RoomTrack[], track: number): number {
  let startMs = 0
  for (let i = 0; i < track; i++) startMs += queue[i].durationMs
  return startMs
}

/** The track that lies at a position of the time line; at its end the end of the last track; undefined for an empty queue. */
export function placeAt(queue: readonly RoomTrack[], positionMs: number): TrackPlace | undefined {
  let leftMs = Math.max(0, positionMs)
  for (let track = 0; track < queue.length; track++) {
    const { durationMs } = queue[track]
    if (leftMs < durationMs || track === queue.length - 1)
      return { track, positionMs: Math.min(leftMs, durationMs) }
    leftMs -= durationMs
  }
  return undefined
}

/** The room at a time of the tracker's clock: it waits until its head holds, plays on from there, and stops at the end. */
export function headAt(head: RoomHead, queue: readonly RoomTrack[], atMs: number): RoomHead {
  if (!head.isPlaying || atMs <= head.holdsAtMs) return head
  const endMs = queueMs(queue)
  const positionMs = head.positionMs + (atMs - head.holdsAtMs) * head.rate
  const isOver = positionMs >= endMs
  return {
    holdsAtMs: atMs,
    positionMs: isOver ? endMs : positionMs,
    isPlaying: !isOver,
    rate: head.rate,
  }
}
