import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { Catalogue } from './catalogue.ts'
import { MUSIC_DEFAULTS } from './config.ts'
import { Person } from './person.ts'
import { Popularity } from './popularity.ts'

const catalogueOf = (tracks: number, shift: number): Catalogue =>
  new Catalogue({ ...MUSIC_DEFAULTS.catalogue, tracks, shift }, 16_384, 'test', new SeededRandom('catalogue'))

describe('popularity', () => {
  it('gives the top of the ranks the share that it is calibrated to', () => {
    for (const [count, shift] of [
      [100, 0],
      [1000, 5],
      [20_000, 50],
    ])
      expect(Popularity.skewed(count, shift, 0.12, 0.88).shareOfTop(Math.round(0.12 * count))).toBeCloseTo(
        0.88,
        6,
      )
  })

  it('draws ranks as often as their weights say', () => {
    const law = new Popularity(4, 1, 1)
    const weights = [1 / 2, 1 / 3, 1 / 4, 1 / 5]
    const sum = weights.reduce((total, weight) => total + weight, 0)
    let below = 0
    weights.forEach((weight, rank) => {
      below += weight / sum
      expect(law.rankAt(below - 1e-9)).toBe(rank)
      expect(law.shareOfTop(rank + 1)).toBeCloseTo(below, 12)
    })
    expect(law.rankAt(0)).toBe(0)
  })
})

describe('a catalogue', () => {
  it('has most plays of its listeners on its top, nearly as many as their draws', () => {
    const catalogue = catalogueOf(10_000, 50)
    let [plays, top] = [0, 0]
    for (let number = 0; number < 60; number++) {
      const person = new Person(catalogue, MUSIC_DEFAULTS.taste, new SeededRandom(`person-${number}`))
      const sitting = person.sitDown(0)
      for (let visit = 0; visit < 200; visit++, plays++) if (sitting.next().track < catalogue.topCount) top++
    }
    expect(top / plays).toBeGreaterThan(0.84)
    expect(top / plays).toBeLessThan(0.92)
  })

  it('has tracks of lengths within bounds, at the rate of each tier', () => {
    const catalogue = catalogueOf(500, 5)
    const lengthsS = Array.from({ length: 500 }, (_, track) => catalogue.lengthMs(track) / 1000).sort(
      (a, b) => a - b,
    )
    expect(lengthsS[0]).toBeGreaterThanOrEqual(30)
    expect(lengthsS[499]).toBeLessThanOrEqual(900)
    expect(lengthsS[250]).toBeGreaterThan(200)
    expect(lengthsS[250]).toBeLessThan(240)
    const [low, high] = [catalogue.recording(7, 20_000), catalogue.recording(7, 40_000)]
    expect(high.totalBytes / low.totalBytes).toBeCloseTo(2, 4)
    expect(low.contentId).not.toBe(high.contentId)
    expect(low.content.manifest).toMatchObject({ contentId: low.contentId, totalBytes: low.totalBytes })
    expect(catalogue.recording(7, 20_000)).toBe(low)
    expect(catalogue.find(high.contentId)).toBe(high)
    expect(low.all.isFull).toBe(true)
  })
})

describe('a person', () => {
  it('does what could be foreseen as often as the taste says, and then hears the next track of the list', () => {
    const catalogue = catalogueOf(2000, 20)
    const sitting = new Person(catalogue, MUSIC_DEFAULTS.taste, new SeededRandom('person')).sitDown('a')
    let [random, seeks] = [0, 0]
    for (let visit = 0; visit < 5000; visit++) {
      const expected = visit === 0 ? -1 : sitting.expected
      const next = sitting.next()
      if (next.isRandom) random++
      else expect(next.track).toBe(expected)
      if (next.seek) seeks++
      expect(next.heardShare).toBeLessThanOrEqual(1)
    }
    expect(random / 5000).toBeCloseTo(0.39, 1)
    expect(seeks / 5000).toBeCloseTo(0.05, 1)
  })

  it('is the same whatever happened in other sittings', () => {
    const catalogue = catalogueOf(300, 5)
    const hear = (lead: number): number[] => {
      const person = new Person(catalogue, MUSIC_DEFAULTS.taste, new SeededRandom('person'))
      const before = person.sitDown('before')
      for (let visit = 0; visit < lead; visit++) before.next()
      const sitting = person.sitDown('after')
      return Array.from({ length: 20 }, () => sitting.next().track)
    }
    expect(hear(50)).toEqual(hear(0))
  })
})
