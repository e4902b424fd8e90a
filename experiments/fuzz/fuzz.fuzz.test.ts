import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configHash, loadConfig } from '../config/load.ts'
import { checkSeed, checkWorld, type FuzzReport, simulationOfDrawn } from './check-seed.ts'
import { drawConfig, FUZZ_WORKLOADS, type Section } from './drawn-config.ts'
import type { runFuzz } from './run-fuzz.ts'
import { saveFailure } from './save-failure.ts'
import { shrink } from './shrink.ts'

// Worker threads need compiled files.
const built = new URL('../../dist/experiments/fuzz/run-fuzz.js', import.meta.url).href
const { runFuzz: runFuzzBuilt } = (await import(built)) as { runFuzz: typeof runFuzz }

const folder = mkdtempSync(join(tmpdir(), 'seedbed-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Worlds a workload; `npm run fuzz` draws more. */
const WORLDS = 10
const MOST_MS = 120_000

describe.each(Object.keys(FUZZ_WORKLOADS))(
  'worlds of %s drawn at random',
  { timeout: MOST_MS },
  (workload) => {
    it('hold whatever is checked', () => {
      for (let seed = 1; seed <= WORLDS; seed++) {
        const { failure, hash } = checkSeed(seed, workload)
        expect(failure, `npm run fuzz -- --seed ${seed} --workload ${workload}`).toBeUndefined()
        expect(hash).toHaveLength(64)
      }
    })

    it('are drawn from the seed alone', () => {
      expect(drawConfig(5, workload)).toEqual(drawConfig(5, workload))
      expect(drawConfig(5, workload)).not.toEqual({ ...drawConfig(6, workload), seed: 5 })
    })
  },
)

describe('worlds of any workload', { timeout: MOST_MS }, () => {
  it('come to the same in this thread, in another, and in two', async () => {
    const run = async (workers: number): Promise<FuzzReport[]> => {
      const reports: FuzzReport[] = []
      const onReport = (report: FuzzReport) => reports.push(report)
      const seeds = [21, 22, 23, 24, 25, 26]
      await runFuzzBuilt({ seeds, workload: undefined, workers, mostMs: MOST_MS, onReport })
      return reports.sort((a, b) => a.seed - b.seed)
    }
    const here = await run(0)
    // Worlds in which nobody fetches anything come to the same.
    expect(new Set(here.map(({ hash }) => hash)).size).toBeGreaterThan(3)
    for (const workers of [1, 2]) expect(await run(workers)).toEqual(here)
  })
})

describe('a world that fails', { timeout: MOST_MS }, () => {
  // More rows than fetches: something that no world does, but that this config asks for.
  const raw: Section = { ...drawConfig(3, 'download'), faults: [], recording: { sampleRate: 0 } }

  it('is told, shrunk and written as a config that loads', async () => {
    const { failure } = checkWorld(raw, 'none')
    expect(failure?.key).toBe('FuzzCheckError: outcome rows missing')
    const shrunk = shrink(raw, failure!, 'none', { mostTries: 60, isLate: () => false })
    expect(shrunk.failure.key).toBe(failure!.key)
    expect(shrunk.tried).toBeLessThanOrEqual(60)
    expect((shrunk.raw['swarm'] as Section)['peers']).toBe(1)
    expect(shrunk.raw['network']).toBeUndefined()
    const path = await saveFailure(folder, shrunk.raw, shrunk.failure, 'none')
    expect(readFileSync(path, 'utf8')).toMatch(
      /^# outcome rows missing: 0 for \d+ fetches\n# seedbed replay /,
    )
    expect(configHash(await loadConfig(path))).toBe(configHash(simulationOfDrawn(shrunk.raw).config))
  })

  it('is told as well where its config is not valid', async () => {
    const { failure } = checkWorld({ ...raw, swarm: { peers: 0 } }, 'none')
    expect(failure?.key).toMatch(/^ConfigError/)
    const path = await saveFailure(folder, { ...raw, name: 'bad', swarm: { peers: 0 } }, failure!, 'twice')
    expect(readFileSync(path, 'utf8')).toMatch(/\n# compared: twice\n[^]*\n {2}peers: 0\n/)
  })

  it('is one that hangs, too', async () => {
    const reports: FuzzReport[] = []
    await runFuzzBuilt({
      seeds: [1],
      workload: 'download',
      workers: 1,
      mostMs: 1,
      onReport: (report) => reports.push(report),
    })
    expect(reports[0].failure?.key).toBe('hangs')
  })

  it('gives no report where all is well', () => {
    expect(checkSeed(1, 'download').failure).toBeUndefined()
  })
})
