import { describe, expect, it, vi } from 'vitest'
import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { Catalogue } from './catalogue.ts'
import { MUSIC_DEFAULTS, type MusicConfig } from './config.ts'
import { Listener } from './listener.ts'

function playsOf(historyDays: number, sessionsPerDay: number): number {
  const config: MusicConfig = {
    ...MUSIC_DEFAULTS,
    cache: { ...MUSIC_DEFAULTS.cache, historyDays },
    attendance: { ...MUSIC_DEFAULTS.attendance, sessionsPerDay },
    taste: { ...MUSIC_DEFAULTS.taste, randomShare: 0 },
  }
  const catalogue = new Catalogue(config.catalogue, config.chunkBytes, 'test', new SeededRandom('catalogue'))
  const heard = vi.spyOn(catalogue, 'recording')
  const listener = new Listener('listener-0', config, catalogue, new SeededRandom('listener'))
  expect(listener.cache.bytes).toBeGreaterThan(0)
  return heard.mock.calls.length
}

describe('the history of a listener', () => {
  it('grows with the days and the sessions', () => {
    expect(playsOf(4, 2)).toBeGreaterThan(1.5 * playsOf(2, 2))
    expect(playsOf(2, 4)).toBeGreaterThan(1.5 * playsOf(2, 2))
  })

  it('is no longer than the days', () => {
    // A day holds about 400 tracks; each of 1000 sessions begins one at least.
    expect(playsOf(1, 1000)).toBeLessThan(3000)
  })
})
