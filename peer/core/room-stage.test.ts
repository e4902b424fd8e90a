import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import type { RoomTrack } from '../protocol/room-messages.ts'
import { ManualClock, manifestOf } from './harness.testing.ts'
import { MediaTimeline } from './media.ts'
import { Player } from './player.ts'
import { RoomStage } from './room-stage.ts'

/** 10 chunks of 1,000 bytes, a second each. */
const trackOf = (number: number): RoomTrack => ({
  contentId: number.toString(16).padStart(64, '0'),
  durationMs: 10_000,
})

class StageHarness {
  readonly clock = new ManualClock()
  readonly have = new Map<string, ChunkSet>()
  readonly log: string[] = []
  readonly stage: RoomStage

  constructor(mostOpen = 2, isFull = true) {
    this.stage = new RoomStage(
      (contentId, events) => {
        const name = Number(contentId)
        const have = isFull ? ChunkSet.full(10) : new ChunkSet(10)
        this.have.set(contentId, have)
        this.log.push(`open ${name}`)
        const settings = { startBufferMs: 1_000, resumeBufferMs: 1_000 }
        const player = new Player(
          this.clock,
          new MediaTimeline(manifestOf(10), 1_000),
          have,
          settings,
          events,
        )
        return {
          player,
          isReadyAt: (positionMs) => have.has(Math.floor(positionMs / 1000)),
          setNeeded: (isNeeded) => this.log.push(`${isNeeded ? 'need' : 'spare'} ${name}`),
          close: () => this.log.push(`close ${name}`),
        }
      },
      mostOpen,
      {
        sounds: (waitedMs) => this.log.push(`sounds after ${waitedMs}`),
        ended: () => this.log.push('ended'),
        stalled: () => this.log.push('stalled'),
      },
    )
  }

  /** What has been logged since the last call. */
  heard(): string[] {
    return this.log.splice(0)
  }
}

describe('RoomStage', () => {
  it('plays a track to its end and tells of it', () => {
    const h = new StageHarness()
    h.stage.goTo(0, trackOf(1), 4_000, true)
    expect(h.heard()).toEqual(['open 1', 'need 1', 'sounds after 0'])
    h.clock.advance(5_000)
    expect(h.stage).toMatchObject({ track: 0, state: 'sounding', positionMs: 9_000 })
    h.clock.advance(1_000)
    expect(h.heard()).toEqual(['ended'])
    expect(h.stage.state).toBe('ended')
  })

  it('goes to another track at the speed set, and hears no more of the last one', () => {
    const h = new StageHarness()
    h.stage.goTo(0, trackOf(1), 9_500, true)
    h.stage.setRate(2)
    h.heard()
    h.stage.goTo(1, trackOf(2), 0, true)
    expect(h.heard()).toEqual(['open 2', 'spare 1', 'need 2', 'sounds after 0'])
    h.clock.advance(1_000)
    expect(h.stage).toMatchObject({ track: 1, positionMs: 2_000, rate: 2 })
    expect(h.heard()).toEqual([])
  })

  it('goes to a place without a sound where none is wanted', () => {
    const h = new StageHarness()
    h.stage.goTo(0, trackOf(1), 2_000, true)
    h.stage.goTo(0, trackOf(1), 7_000, false)
    h.clock.advance(1_000)
    expect(h.stage).toMatchObject({ state: 'paused', positionMs: 7_000 })
    h.stage.play()
    expect(h.stage.state).toBe('sounding')
  })

  it('waits for media, and tells how long', () => {
    const h = new StageHarness(2, false)
    h.stage.goTo(0, trackOf(1), 3_000, true)
    expect(h.stage.state).toBe('waiting')
    expect(h.stage.isReady(0, trackOf(1), 3_000)).toBe(false)
    expect(h.stage.isReady(1, trackOf(2), 0)).toBe(false)
    h.stage.pause()
    expect(h.stage.state).toBe('paused')
  })

  it('keeps so many contents open, those least lately needed closed first', () => {
    const h = new StageHarness(3)
    h.stage.goTo(0, trackOf(1), 0, true)
    h.stage.prepare(1, trackOf(2))
    h.stage.goTo(1, trackOf(2), 0, true)
    h.stage.prepare(2, trackOf(3))
    h.heard()
    h.stage.goTo(2, trackOf(3), 0, true)
    expect(h.heard()).not.toContain('close 1')
    h.stage.prepare(3, trackOf(4))
    expect(h.heard()).toEqual(['open 4', 'need 4', 'close 1'])
    h.stage.close()
    expect(h.heard()).toEqual(['close 2', 'close 3', 'close 4'])
    expect(h.stage).toMatchObject({ track: undefined, state: 'paused', positionMs: 0 })
  })

  it('plays a content again that stands in the queue twice', () => {
    const h = new StageHarness()
    h.stage.goTo(0, trackOf(1), 9_000, true)
    h.clock.advance(1_000)
    h.stage.goTo(1, trackOf(1), 0, true)
    h.clock.advance(500)
    expect(h.stage).toMatchObject({ track: 1, state: 'sounding', positionMs: 500 })
    expect(h.heard().filter((line) => line.startsWith('open'))).toHaveLength(1)
  })
})
