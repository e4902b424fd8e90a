import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roomQueue } from './arbitraries.testing.ts'
import type { RoomHead } from './room-messages.ts'
import { headAt, placeAt, queueMs, trackStartMs } from './room-timeline.ts'

const ms = (most: number) => fc.integer({ min: 0, max: most })
const head: fc.Arbitrary<RoomHead> = fc.record({
  holdsAtMs: ms(1000),
  positionMs: ms(1000),
  isPlaying: fc.boolean(),
  rate: fc.constantFrom(0.5, 1, 2),
})
const shortQueue = fc.array(
  fc.record({ contentId: fc.constant('c'.repeat(64)), durationMs: fc.integer({ min: 1, max: 500 }) }),
  { maxLength: 5 },
)

describe('placeAt', () => {
  it('finds the track whose stretch of the time line holds the position', () => {
    fc.assert(
      fc.property(roomQueue, fc.double({ min: 0, max: 1, noNaN: true }), (queue, share) => {
        const positionMs = Math.floor(share * queueMs(queue))
        const place = placeAt(queue, positionMs)
        if (queue.length === 0) return void expect(place).toBeUndefined()
        expect(trackStartMs(queue, place!.track) + place!.positionMs).toBe(positionMs)
        expect(place!.positionMs).toBeLessThanOrEqual(queue[place!.track].durationMs)
        if (positionMs < queueMs(queue))
          expect(place!.positionMs).toBeLessThan(queue[place!.track].durationMs)
      }),
    )
  })

  it('takes what lies before the start or behind the end for the nearest place', () => {
    const queue = [1000, 2000].map((durationMs) => ({ contentId: 'c'.repeat(64), durationMs }))
    expect(placeAt(queue, -5)).toEqual({ track: 0, positionMs: 0 })
    expect(placeAt(queue, 1000)).toEqual({ track: 1, positionMs: 0 })
    expect(placeAt(queue, 9000)).toEqual({ track: 1, positionMs: 2000 })
  })
})

describe('headAt', () => {
  it('gives the same whether it is asked at once or by way of a time in between', () => {
    fc.assert(
      fc.property(head, shortQueue, ms(3000), ms(3000), (start, queue, firstMs, moreMs) => {
        const direct = headAt(start, queue, firstMs + moreMs)
        const byWay = headAt(headAt(start, queue, firstMs), queue, firstMs + moreMs)
        expect(byWay.positionMs).toBeCloseTo(direct.positionMs, 6)
        expect(byWay.isPlaying).toBe(direct.isPlaying)
      }),
    )
  })

  it('waits until it holds, plays on from there and never beyond the end', () => {
    fc.assert(
      fc.property(head, shortQueue, ms(3000), (start, queue, atMs) => {
        const now = headAt(start, queue, atMs)
        if (!start.isPlaying || atMs <= start.holdsAtMs) return void expect(now).toBe(start)
        const endMs = queueMs(queue)
        expect(now.positionMs).toBeLessThanOrEqual(endMs)
        if (now.isPlaying)
          expect(now.positionMs).toBe(start.positionMs + (atMs - start.holdsAtMs) * start.rate)
        else expect(now.positionMs).toBe(endMs)
      }),
    )
  })
})
