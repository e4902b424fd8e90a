import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { ManualClock, manifestOf } from './harness.testing.ts'
import { MediaTimeline } from './media.ts'
import { Player } from './player.ts'

const CHUNKS = 8
const START_MS = 1000
const RESUME_MS = 1500

/** The same rules step by step, a hundredth of a second at a time. */
class SlowPlayer {
  readonly have = new Set<number>()
  state = 'paused'
  positionMs = 0
  stalls = 0
  stallMs = 0
  heardMs = 0
  reason = 'start'

  get untilMs(): number {
    let chunk = Math.min(CHUNKS - 1, Math.floor(this.positionMs / 1000))
    while (this.have.has(chunk)) chunk++
    return 1000 * chunk
  }

  wait(ms: number): void {
    for (let i = 0; i < ms; i += 10) {
      if (this.state === 'sounding') {
        this.positionMs += 10
        this.heardMs += 10
        this.look()
      } else if (this.state === 'waiting' && this.reason === 'stall') this.stallMs += 10
    }
  }

  look(): void {
    const leftMs = this.untilMs - this.positionMs
    const isWhole = this.untilMs === 1000 * CHUNKS
    const neededMs = this.reason === 'start' || this.reason === 'seek' ? START_MS : RESUME_MS
    if (this.state === 'waiting' && (isWhole || (leftMs > 0 && leftMs >= neededMs))) {
      this.state = 'sounding'
      this.reason = 'resume'
    }
    if (this.state !== 'sounding' || leftMs > 0) return
    this.state = isWhole ? 'ended' : 'waiting'
    if (isWhole) return
    this.stalls++
    this.reason = 'stall'
  }

  play(): void {
    if (this.state !== 'paused') return
    this.state = 'waiting'
    if (this.reason !== 'start') this.reason = 'resume'
    this.look()
  }

  pause(): void {
    if (this.state !== 'ended') this.state = 'paused'
  }

  seek(ms: number): void {
    const wanted = this.state === 'sounding' || this.state === 'waiting'
    this.positionMs = ms
    this.state = wanted ? 'waiting' : 'paused'
    if (wanted && this.reason !== 'start') this.reason = 'seek'
    this.look()
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 300 }).map((n) => 10 * n) }),
  fc.record({ kind: fc.constant('keep' as const), chunk: fc.integer({ min: 0, max: CHUNKS - 1 }) }),
  fc.record({ kind: fc.constant('seek' as const), ms: fc.integer({ min: 0, max: 100 * CHUNKS - 1 }) }),
  fc.record({ kind: fc.constantFrom('play' as const, 'play' as const, 'pause' as const) }),
)

it('does what the rules say, moment by moment, and never plays what is not there', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new ManualClock()
      const have = new ChunkSet(CHUNKS)
      const settings = { startBufferMs: START_MS, resumeBufferMs: RESUME_MS }
      const player = new Player(clock, new MediaTimeline(manifestOf(CHUNKS), 1000), have, settings)
      const slow = new SlowPlayer()
      for (const doing of steps) {
        if (doing.kind === 'wait') {
          clock.advance(doing.ms)
          slow.wait(doing.ms)
        } else if (doing.kind === 'keep') {
          if (!have.add(doing.chunk)) continue
          player.chunkKept(doing.chunk)
          slow.have.add(doing.chunk)
          slow.look()
        } else if (doing.kind === 'seek') {
          player.seek(10 * doing.ms)
          slow.seek(10 * doing.ms)
        } else {
          player[doing.kind]()
          slow[doing.kind]()
        }
        const { state, positionMs, stalls, stallMs, heardMs } = slow
        expect(player).toMatchObject({ state, stalls })
        expect(player.positionMs).toBeCloseTo(positionMs, 6)
        expect(player.stallMs).toBeCloseTo(stallMs, 6)
        expect(player.heardMs).toBeCloseTo(heardMs, 6)
        if (state === 'sounding') expect(have.has(player.timeline.chunkAt(player.positionMs))).toBe(true)
      }
    }),
    { numRuns: 400 },
  )
})

it('never runs ahead of its buffer at any rate', () => {
  const rate = fc.double({ min: 0.25, max: 4, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(rate, fc.integer({ min: 1, max: 2000 })), { maxLength: 40 }), (pieces) => {
      const clock = new ManualClock()
      const have = new ChunkSet(CHUNKS)
      const settings = { startBufferMs: START_MS, resumeBufferMs: RESUME_MS }
      const player = new Player(clock, new MediaTimeline(manifestOf(CHUNKS), 1000), have, settings)
      player.play()
      pieces.forEach(([speed, ms], piece) => {
        if (piece % 3 === 0 && player.firstMissing < CHUNKS) {
          const chunk = player.firstMissing
          have.add(chunk)
          player.chunkKept(chunk)
        }
        player.setRate(speed)
        const [atMs, wasHeardMs] = [player.positionMs, player.heardMs]
        clock.advance(ms)
        expect(player.positionMs).toBeLessThanOrEqual(player.bufferedUntilMs)
        expect(player.positionMs - atMs).toBeCloseTo(speed * (player.heardMs - wasHeardMs), 6)
        expect(player.heardMs + player.stallMs).toBeLessThanOrEqual(clock.nowMs() + 1e-6)
      })
    }),
  )
})
