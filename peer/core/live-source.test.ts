import { describe, expect, it } from 'vitest'
import { LiveHarness } from './live-harness.testing.ts'

describe('a source', () => {
  it('tells neighbours of each chunk, serves it, and keeps no more than its window', () => {
    const h = LiveHarness.source(false, { windowMs: 2_000 })
    h.join()
    const viewer = h.dialIn(2)
    h.emit(100)
    expect(viewer.sentOf('window')).toMatchObject([{ first: 0 }])
    expect(viewer.sentOf('have')).toHaveLength(99)
    expect(h.source.heldCount).toBe(20)
    for (const [requestId, chunk] of [99, 80, 79].entries())
      h.source.message(viewer, { type: 'request', requestId, chunk })
    expect(viewer.sentOf('chunk').map(({ chunk }) => chunk)).toEqual([99, 80])
    expect(viewer.sentOf('busy')).toMatchObject([{ requestId: 2 }])
  })

  it('keeps nothing of viewers that have gone', () => {
    const h = LiveHarness.source()
    h.join()
    for (let viewer = 2; viewer < 7; viewer++) h.source.linkDown(h.dialIn(viewer), 'lost')
    h.dialIn(7)
    expect(h.source.usage.neighbours).toBe(1)
  })

  it('announces itself as one that has everything, a standby as one that has nothing', () => {
    const full = LiveHarness.source().join()
    expect(full.sentOf('announce')[0]).toMatchObject({ isOrigin: true })
    expect(full.sentOf('announce')[0].chunks.isFull).toBe(true)
    expect(LiveHarness.source(true).join().sentOf('announce')[0].chunks.count).toBe(0)
  })
})

describe('a standby', () => {
  it('is silent while neighbours tell of new chunks', () => {
    const h = LiveHarness.source(true)
    h.join()
    const viewer = h.dialIn(2)
    for (let number = 0; number < 100; number++) {
      h.emit(1)
      if (number === 0) h.tell(viewer, [0])
      else h.have(viewer, number)
    }
    expect(h.source.isEmitting).toBe(false)
    expect(viewer.sentOf('window')).toEqual([])
    expect(viewer.sentOf('have')).toEqual([])
  })

  it('takes over when they tell of nothing new, with all that it has kept and the tracker told', () => {
    const h = LiveHarness.source(true, { takeoverMs: 1_000, windowMs: 3_000 })
    const tracker = h.join()
    const viewer = h.dialIn(2)
    h.emit(1)
    h.tell(viewer, [0])
    h.emit(10)
    expect(h.source.isEmitting).toBe(false)
    h.emit(40)
    expect(h.takeovers).toBe(1)
    expect(viewer.sentOf('window')).toMatchObject([{ first: 0 }])
    expect(viewer.sentOf('window')[0].chunks.size).toBe(12)
    expect(viewer.sentOf('have')).toHaveLength(39)
    expect(tracker.sentOf('announce').at(-1)!.chunks.isFull).toBe(true)
  })

  it('does not take a viewer’s old chunks, or numbers that no encoder has made, for a living stream', () => {
    const h = LiveHarness.source(true, { takeoverMs: 1_000 })
    h.join()
    const viewer = h.dialIn(2)
    h.emit(20)
    h.tell(viewer, [10])
    for (let i = 0; i < 20; i++) {
      h.emit(1)
      h.have(viewer, i % 2 === 0 ? 5 : 5_000)
    }
    expect(h.source.isEmitting).toBe(true)
  })

  it('waits for somebody to tell', () => {
    const h = LiveHarness.source(true, { takeoverMs: 1_000 })
    h.join()
    h.emit(50)
    expect(h.source.isEmitting).toBe(false)
    h.dialIn(2)
    h.emit(12)
    expect(h.source.isEmitting).toBe(true)
  })
})
