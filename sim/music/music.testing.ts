import { SIM_DEFAULTS, type SimConfig } from '../config.ts'
import { smallConfig } from '../world.testing.ts'
import { MUSIC_DEFAULTS, type MusicConfig } from './config.ts'

type Part<T> = { readonly [K in keyof T]?: T[K] extends object ? Partial<T[K]> : T[K] }

/** A small audience for a small catalogue, with all checks on: the defaults, one level of changes deep. */
export function smallAudience(changes: Part<MusicConfig> = {}, world: Partial<SimConfig> = {}): SimConfig {
  const music: Record<string, unknown> = {
    ...MUSIC_DEFAULTS,
    catalogue: { ...MUSIC_DEFAULTS.catalogue, tracks: 60, medianS: 100, mostS: 200 },
    attendance: { ...MUSIC_DEFAULTS.attendance, sessionsPerDay: 12, medianS: 1200 },
    cache: { ...MUSIC_DEFAULTS.cache, historyDays: 1 },
  }
  for (const [key, change] of Object.entries(changes)) {
    const isPart = typeof change === 'object' && !Array.isArray(change)
    music[key] = isPart ? { ...(music[key] as object), ...change } : change
  }
  return {
    ...smallConfig(),
    durationLimitS: 1800,
    workload: music as unknown as MusicConfig,
    swarm: { ...SIM_DEFAULTS.swarm, peers: 20, initialSeeds: 0 },
    regions: { 'eu-west': 1 },
    peer: { ...SIM_DEFAULTS.peer, maxFetchesPerSeed: 4, wantedCandidates: 10 },
    tracker: { ...SIM_DEFAULTS.tracker, announceMs: 600_000, expiryMs: 1_800_000, maxCandidates: 10 },
    ...world,
  }
}
