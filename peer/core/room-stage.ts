import type { ContentId } from '../protocol/ids.ts'
import type { RoomTrack } from '../protocol/room-messages.ts'
import type { Player, PlayerEvents, PlayerState } from './player.ts'
import type { RoomPlayer, RoomPlayerEvents } from './room-player.ts'

/** One content that is open: fetched, served and played. */
export interface StageContent {
  readonly player: Player
  /** Whether media is there, without a gap, for the sound to begin at a position. */
  isReadyAt(positionMs: number): boolean
  /** Whether it is needed now: fetched from wherever it can be had; otherwise only what is there is served. */
  setNeeded(isNeeded: boolean): void
  close(): void
}

export type OpenContent = (contentId: ContentId, events: PlayerEvents) => StageContent

export interface RoomStageEvents extends RoomPlayerEvents {
  /** The first sound at a place gone to, after a wait for media of so long. */
  opened?(waitedMs: number): void
  /** The sound has broken off for want of media. */
  stalled?(): void
}

/** Plays the tracks of a room, one at a time; keeps the last ones open, to serve others and to come back to. */
export class RoomStage implements RoomPlayer {
  track: number | undefined
  readonly #open: OpenContent
  readonly #mostOpen: number
  readonly #events: RoomStageEvents
  /** The contents that are open, the one least lately needed first. */
  readonly #contents = new Map<ContentId, StageContent>()
  #current: StageContent | undefined
  #currentId: ContentId | undefined
  #rate = 1
  /** Whether no sound has come yet at the place gone to. */
  #isOpening = false

  /** Keeps up to `mostOpen` contents open, 2 or more: one that plays and one that is prepared. */
  constructor(open: OpenContent, mostOpen: number, events: RoomStageEvents) {
    this.#open = open
    this.#mostOpen = mostOpen
    this.#events = events
  }

  get positionMs(): number {
    return this.#current?.player.positionMs ?? 0
  }

  get rate(): number {
    return this.#rate
  }

  get state(): PlayerState {
    return this.#current?.player.state ?? 'paused'
  }

  goTo(number: number, { contentId }: RoomTrack, positionMs: number, isPlaying: boolean): void {
    const next = this.#take(contentId)
    const last = this.#current
    if (last && last !== next) {
      last.player.pause()
      last.setNeeded(false)
    }
    this.track = number
    this.#current = next
    this.#currentId = contentId
    this.#isOpening = true
    this.#closeSpare()
    next.setNeeded(true)
    next.player.setRate(this.#rate)
    if (!isPlaying) next.player.pause()
    next.player.seek(positionMs)
    if (isPlaying) next.player.play()
  }

  play(): void {
    this.#current?.player.play()
  }

  pause(): void {
    this.#current?.player.pause()
  }

  setRate(rate: number): void {
    this.#rate = rate
    this.#current?.player.setRate(rate)
  }

  isReady(_number: number, { contentId }: RoomTrack, positionMs: number): boolean {
    return this.#contents.get(contentId)?.isReadyAt(positionMs) ?? false
  }

  prepare(_number: number, { contentId }: RoomTrack): void {
    this.#take(contentId).setNeeded(true)
    this.#closeSpare()
  }

  /** Closes everything. */
  close(): void {
    for (const content of this.#contents.values()) content.close()
    this.#contents.clear()
    this.#current = undefined
    this.#currentId = undefined
    this.track = undefined
  }

  /** The content, opened if it is not, as the one most lately needed. */
  #take(contentId: ContentId): StageContent {
    const content = this.#contents.get(contentId) ?? this.#open(contentId, this.#eventsOf(contentId))
    this.#contents.delete(contentId)
    this.#contents.set(contentId, content)
    return content
  }

  #closeSpare(): void {
    for (const [contentId, content] of this.#contents) {
      if (this.#contents.size <= this.#mostOpen) return
      if (content === this.#current) continue
      this.#contents.delete(contentId)
      content.close()
    }
  }

  #sounds(waitedMs: number): void {
    if (this.#isOpening) this.#events.opened?.(waitedMs)
    this.#isOpening = false
    this.#events.sounds(waitedMs)
  }

  #eventsOf(contentId: ContentId): PlayerEvents {
    const ifCurrent = (tell: () => void): void => {
      if (this.#currentId === contentId) tell()
    }
    return {
      sounds: (_reason, waitedMs) => ifCurrent(() => this.#sounds(waitedMs)),
      ended: () => ifCurrent(() => this.#events.ended()),
      stalled: () => ifCurrent(() => this.#events.stalled?.()),
    }
  }
}
