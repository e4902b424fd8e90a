import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { drawSessions, meanSessionMs } from './attendance.ts'
import { MUSIC_DEFAULTS } from './config.ts'

const DAY_MS = 86_400_000
const attendance = { ...MUSIC_DEFAULTS.attendance, startHour: 0, sessionsPerDay: 1, medianS: 600, sigma: 0.5 }

const crowd = (count: number) =>
  Array.from({ length: count }, (_, n) => drawSessions(attendance, DAY_MS, new SeededRandom(`listener-${n}`)))

describe('attendance', () => {
  it('begins sessions through the day as its hours say: fewest at two, most at eighteen', () => {
    const begins = crowd(3000)
      .flat()
      .filter(({ beginMs }) => beginMs >= 60_000)
    const byHour = new Array<number>(24).fill(0)
    for (const { beginMs } of begins) byHour[Math.floor(beginMs / 3_600_000)]++
    const sum = attendance.hours.reduce((total, weight) => total + weight, 0)
    byHour.forEach((count, hour) =>
      expect(count / begins.length, `hour ${hour}`).toBeCloseTo(attendance.hours[hour] / sum, 1),
    )
    expect(byHour.indexOf(Math.min(...byHour))).toBeGreaterThanOrEqual(1)
    expect(byHour.indexOf(Math.min(...byHour))).toBeLessThanOrEqual(4)
    expect(begins.length / 3000).toBeGreaterThan(0.9)
    expect(begins.length / 3000).toBeLessThan(1.1)
  })

  it('has nobody in two sessions at once, and some there from the start', () => {
    let early = 0
    for (const sessions of crowd(2000)) {
      let freeMs = 0
      for (const { beginMs, lengthMs } of sessions) {
        expect(beginMs).toBeGreaterThanOrEqual(freeMs)
        freeMs = beginMs + lengthMs
        if (beginMs < 60_000) early++
      }
    }
    const expected = 2000 * (attendance.hours[23] / 1546) * (meanSessionMs(attendance) / 3_600_000)
    expect(early).toBeGreaterThan(0.5 * expected)
    expect(early).toBeLessThan(2.5 * expected)
  })
})
