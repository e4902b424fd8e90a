import { describe, expect, it } from 'vitest'
import { UploadSlots } from './upload-slots.ts'

function takerOf(slots: UploadSlots, waiting: number) {
  const taker = {
    served: 0,
    slotFree(): void {
      if (waiting === 0) return
      waiting--
      taker.served++
      slots.take()
    },
  }
  slots.join(taker)
  return taker
}

describe('upload slots', () => {
  it('are given out up to their number and offered in turns', () => {
    const slots = new UploadSlots(2)
    const [a, b] = [takerOf(slots, 5), takerOf(slots, 5)]
    slots.take()
    slots.take()
    expect(slots.hasFree).toBe(false)
    for (let i = 0; i < 4; i++) slots.give()
    expect([a.served, b.served, slots.taken]).toEqual([2, 2, 2])
    slots.give(2)
    expect([a.served, b.served]).toEqual([3, 3])
  })

  it('are not to be had while anybody pauses them', () => {
    const slots = new UploadSlots(1)
    const [a, b] = [takerOf(slots, 1), takerOf(slots, 0)]
    slots.pause(b, true)
    expect(slots.hasFree).toBe(false)
    slots.pause(b, false)
    expect([a.served, slots.taken]).toEqual([1, 1])
    slots.pause(a, true)
    slots.leave(a)
    slots.give()
    expect(slots.hasFree).toBe(true)
  })
})
