import { describe, expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { ManualClock, manifestOf } from './harness.testing.ts'
import { MediaTimeline } from './media.ts'
import { Player, type PlayerSettings } from './player.ts'

/** Chunks of 1,000 bytes at 1,000 bytes a second: one second of media each. */
class Deck {
  readonly clock = new ManualClock()
  readonly have: ChunkSet
  readonly log: string[] = []
  readonly player: Player

  constructor(chunks: number, settings: Partial<PlayerSettings> = {}) {
    this.have = new ChunkSet(chunks)
    const timeline = new MediaTimeline(manifestOf(chunks), 1000)
    this.player = new Player(
      this.clock,
      timeline,
      this.have,
      { startBufferMs: 1000, resumeBufferMs: 2000, ...settings },
      {
        sounds: (reason, waitedMs) => this.log.push(`${reason} after ${waitedMs}`),
        stalled: () => this.log.push('stalled'),
        ended: () => this.log.push('ended'),
      },
    )
  }

  keep(...chunks: number[]): void {
    for (const chunk of chunks) {
      this.have.add(chunk)
      this.player.chunkKept(chunk)
    }
  }
}

describe('a player', () => {
  it('sounds when the start buffer is there, and tells how long that took', () => {
    const deck = new Deck(10, { startBufferMs: 2000 })
    deck.player.play()
    deck.clock.advance(300)
    deck.keep(0)
    expect(deck.player.state).toBe('waiting')
    deck.keep(2)
    expect(deck.player.bufferedMs).toBe(1000)
    deck.clock.advance(200)
    deck.keep(1)
    expect(deck.log).toEqual(['start after 500'])
    expect(deck.player.startLatencyMs).toBe(500)
    deck.clock.advance(1500)
    expect(deck.player.positionMs).toBe(1500)
    expect(deck.player.bufferedMs).toBe(1500)
  })

  it('stalls where a chunk is missing and goes on when enough is there', () => {
    const deck = new Deck(10)
    deck.keep(0)
    deck.player.play()
    deck.clock.advance(1500)
    expect(deck.log).toEqual(['start after 0', 'stalled'])
    expect(deck.player.positionMs).toBe(1000)
    expect(deck.player.stallMs).toBe(500)
    deck.keep(1)
    expect(deck.player.state).toBe('waiting')
    deck.clock.advance(250)
    deck.keep(2)
    expect(deck.log.at(-1)).toBe('stall after 750')
    expect([deck.player.stalls, deck.player.stallMs, deck.player.heardMs]).toEqual([1, 750, 1000])
  })

  it('does not stall while chunks come in time, and ends once', () => {
    const deck = new Deck(5)
    deck.keep(0)
    deck.player.play()
    for (let chunk = 1; chunk < 5; chunk++) {
      deck.clock.advance(900)
      deck.keep(chunk)
    }
    deck.clock.advance(10_000)
    expect(deck.log).toEqual(['start after 0', 'ended'])
    expect([deck.player.state, deck.player.positionMs, deck.player.heardMs]).toEqual(['ended', 5000, 5000])
  })

  it('waits for no more than the content has', () => {
    const deck = new Deck(1, { startBufferMs: 5000 })
    deck.player.play()
    deck.keep(0)
    deck.clock.advance(1000)
    expect(deck.log).toEqual(['start after 0', 'ended'])
  })

  it('stands still while paused, and counts no stall then', () => {
    const deck = new Deck(10)
    deck.keep(0, 1, 2)
    deck.player.play()
    deck.clock.advance(500)
    deck.player.pause()
    deck.clock.advance(60_000)
    expect([deck.player.positionMs, deck.player.state]).toEqual([500, 'paused'])
    deck.player.play()
    deck.clock.advance(2500)
    expect(deck.log).toEqual(['start after 0', 'resume after 0', 'stalled'])
    deck.clock.advance(100)
    deck.player.pause()
    deck.clock.advance(1000)
    expect(deck.player.stallMs).toBe(100)
  })

  it('seeks: at once where media is there, after a wait where not', () => {
    const deck = new Deck(20)
    deck.keep(0, 1, 10, 11)
    deck.player.play()
    deck.clock.advance(100)
    deck.player.seek(10_500)
    deck.clock.advance(200)
    expect(deck.player.positionMs).toBe(10_700)
    deck.player.seek(15_250)
    deck.clock.advance(400)
    expect([deck.player.positionMs, deck.player.stalls]).toEqual([15_250, 0])
    deck.keep(15)
    expect(deck.player.state).toBe('waiting')
    deck.keep(16)
    expect(deck.log).toEqual(['start after 0', 'seek after 0', 'seek after 400'])
    deck.player.seek(99_000)
    expect(deck.player.positionMs).toBe(20_000)
  })

  it('keeps the rate it is given', () => {
    const deck = new Deck(10)
    deck.keep(0, 1, 2, 3)
    deck.player.play()
    deck.clock.advance(1000)
    deck.player.setRate(1.5)
    deck.clock.advance(1000)
    expect(deck.player.positionMs).toBe(2500)
    deck.clock.advance(1000)
    expect([deck.player.positionMs, deck.player.stalls]).toEqual([4000, 1])
    expect(() => deck.player.setRate(0)).toThrow('invalid rate: 0 (a number above 0 expected)')
  })

  it('tells its listeners what time alone does not change', () => {
    const deck = new Deck(10)
    let changes = 0
    deck.player.listen(() => changes++)
    deck.player.play()
    deck.keep(0)
    deck.clock.advance(400)
    expect(changes).toBe(2)
    deck.player.pause()
    deck.player.seek(0)
    expect(changes).toBe(4)
  })

  it('leaves no timer behind', () => {
    const deck = new Deck(3)
    deck.keep(0, 1)
    deck.player.play()
    deck.player.stop()
    expect([deck.clock.pending, deck.player.state]).toEqual([0, 'ended'])
  })
})
