import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import type { PeerArguments } from './peer-options.ts'
import { REPORT_DEFAULTS } from './report-options.ts'
import { type GetArguments, runGet, type SeedArguments } from './run-peer.ts'
import { runShare } from './run-share.ts'
import { STORE_DEFAULTS } from './store-options.ts'

/** Keeps the events that a command prints with `--json`. */
class Events {
  readonly list: Record<string, unknown>[] = []
  readonly out = { write: (text: string) => void this.list.push(JSON.parse(text) as Record<string, unknown>) }
  readonly err = { write: () => true }

  of(name: string): Record<string, unknown> | undefined {
    return this.list.find(({ event }) => event === name)
  }
}

describe('peer seed and peer get, by torrents', () => {
  let dir: string
  let tracker: TrackerServer
  const running: { stop: AbortController; done: Promise<void> }[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-share-'))
    vi.stubEnv('XDG_RUNTIME_DIR', dir)
    tracker = await startTracker({ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'random' } })
  })
  afterEach(async () => {
    for (const { stop, done } of running.splice(0)) {
      stop.abort()
      await done
    }
    await tracker.stop()
    vi.unstubAllEnvs()
    await rm(dir, { recursive: true })
  })

  const common = (trackers: string[]): PeerArguments => ({
    ...STORE_DEFAULTS,
    ...REPORT_DEFAULTS,
    ...{ policy: undefined, model: undefined, seed: undefined, json: true, uploadSlots: undefined },
    ...{ tracker: trackers, listen: '127.0.0.1:0', region: 'eu-west' },
  })
  const share = async (more: Partial<SeedArguments>): Promise<Record<string, unknown>> => {
    const events = new Events()
    const stop = new AbortController()
    const given: SeedArguments = {
      ...{ ...common([tracker.url]), files: [], origin: false, chunkBytes: undefined },
      ...more,
    }
    running.push({ stop, done: runShare(given, events, stop.signal) })
    await expect.poll(() => events.of('ready')).toBeDefined()
    return events.of('ready')!
  }
  const get = async (source: string, more: Partial<GetArguments> = {}): Promise<Record<string, unknown>> => {
    const events = new Events()
    const given: GetArguments = {
      ...{ ...common([]), source, bootstrap: [], search: false },
      ...{ out: join(dir, 'got'), stay: false, giveUpAfter: 20 },
      ...more,
    }
    await runGet(given, events, new AbortController().signal)
    return events.of('done')!
  }

  it('exchange a file by the .torrent file that the seed wrote', async () => {
    const file = join(dir, 'film.bin')
    const torrent = join(dir, 'film.torrent')
    await writeFile(file, randomBytes(1_000_000))
    const { contents } = await share({ files: [file], torrent, chunkBytes: 65_536 })
    expect(contents).toMatchObject([{ name: 'film.bin', chunks: 16, files: 1 }])
    const done = await get(torrent)
    expect(done).toMatchObject({ role: 'get', bytes: 1_000_000, path: join(dir, 'got', 'film.bin') })
    expect(await readFile(join(dir, 'got', 'film.bin'))).toEqual(await readFile(file))
  })

  it('exchange a folder by the magnet link that the seed printed, within a bound on the rate', async () => {
    const folder = join(dir, 'album')
    await mkdir(folder)
    await writeFile(join(folder, 'a.flac'), randomBytes(600_000))
    await writeFile(join(folder, 'b.flac'), randomBytes(400_000))
    const { contents } = await share({ files: [folder], up: 1_000_000 })
    const [{ magnet }] = contents as { magnet: string }[]
    const startedMs = performance.now()
    await get(magnet)
    // A quarter of a second's worth passes at once.
    expect(performance.now() - startedMs).toBeGreaterThan(700)
    expect(await readFile(join(dir, 'got/album/b.flac'))).toEqual(await readFile(join(folder, 'b.flac')))
  })

  it('write the torrents of several files into a folder, and nowhere else', async () => {
    const files = ['a', 'b'].map((name) => join(dir, name))
    for (const file of files) await writeFile(file, randomBytes(1000))
    const events = new Events()
    const given = { ...common([tracker.url]), files, origin: false, chunkBytes: undefined }
    const torrent = join(dir, 'x.torrent')
    await expect(runShare({ ...given, torrent }, events, new AbortController().signal)).rejects.toThrow(
      'invalid --torrent',
    )
    await share({ files, torrent: dir })
    expect((await readFile(join(dir, 'b.torrent'))).subarray(0, 1).toString()).toBe('d')
  })
})
