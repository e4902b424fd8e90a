import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { Kernel } from '../kernel.ts'
import { follow, type Schedule } from './schedule.ts'

/** When a fault came and went, in seconds; `fromS`: when its victim came. */
function changes(schedule: Schedule, untilS: number, fromS = 0, isOver?: () => boolean): [number, boolean][] {
  const kernel = new Kernel()
  const seen: [number, boolean][] = []
  kernel.scheduleAt(1000 * fromS, () =>
    follow(
      kernel,
      schedule,
      new SeededRandom('times'),
      (isThere) => seen.push([kernel.nowMs / 1000, isThere]),
      isOver,
    ),
  )
  kernel.run(1000 * untilS)
  return seen
}

describe('a schedule', () => {
  it('comes and goes once where it has a time', () => {
    expect(changes({ atS: 60, forS: 30 }, 1000)).toEqual([
      [60, true],
      [90, false],
    ])
  })

  it('strikes who comes meanwhile for the rest of it, and nobody who comes later', () => {
    expect(changes({ atS: 60, forS: 30 }, 1000, 80)).toEqual([
      [80, true],
      [90, false],
    ])
    expect(changes({ atS: 60, forS: 30 }, 1000, 90)).toEqual([])
  })

  it('comes and goes by turns where it is random, with the means that it says', () => {
    const seen = changes({ meanEveryS: 40, meanForS: 10 }, 200_000)
    expect(seen.every(([, isThere], i) => isThere === (i % 2 === 0))).toBe(true)
    const gapsS = seen.map(([atS], i) => atS - (i > 0 ? seen[i - 1][0] : 0))
    const mean = (of: number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    expect(mean(gapsS.filter((_, i) => i % 2 === 0)) / 40).toBeCloseTo(1, 0.9)
    expect(mean(gapsS.filter((_, i) => i % 2 === 1)) / 10).toBeCloseTo(1, 0.9)
    expect(seen.length).toBeGreaterThan(7000)
  })

  it('ends with its victim', () => {
    let left = 3
    const seen = changes({ meanEveryS: 40, meanForS: 10 }, 200_000, 0, () => left-- === 0)
    expect(seen).toHaveLength(3)
  })
})
