import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ContentCache } from './content-cache.ts'

it('keeps the most recently used contents that fit, and no more', () => {
  const use = fc.record({ content: fc.integer({ min: 0, max: 9 }), bytes: fc.integer({ min: 1, max: 60 }) })
  fc.assert(
    fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
      const cache = new ContentCache(100)
      let recent: { id: string; bytes: number }[] = []
      for (const { content, bytes } of uses) {
        const id = `track-${content}`
        recent = [...recent.filter((other) => other.id !== id), { id, bytes }]
        const gone: string[] = []
        while (recent.reduce((sum, entry) => sum + entry.bytes, 0) > 100) gone.push(recent.shift()!.id)
        expect(cache.use(id, bytes)).toEqual(gone)
        expect([...cache.contents()]).toEqual(recent.map((entry) => entry.id))
        expect(cache.bytes).toBe(recent.reduce((sum, entry) => sum + entry.bytes, 0))
        expect(cache.bytes).toBeLessThanOrEqual(cache.capacityBytes)
      }
    }),
  )
})

it('keeps nothing that alone is too large', () => {
  const cache = new ContentCache(10)
  cache.use('a', 4)
  expect(cache.use('b', 11)).toEqual(['a', 'b'])
  expect([cache.count, cache.bytes, cache.has('b')]).toEqual([0, 0, false])
})
