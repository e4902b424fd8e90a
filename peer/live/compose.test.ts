import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import type { OutcomeRow, Recorder } from '../ports/recorder.ts'
import { type GetOptions, type LivePeer, type LivePeerOptions, startGet, startSeed } from './compose.ts'

const CHUNK_BYTES = 64 * 1024
const CHUNKS = 40
const NOWHERE = 'd'.repeat(64)

const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Keeps rows, and tells who waits for one. */
class WatchedRecorder implements Recorder {
  readonly rows: OutcomeRow[] = []
  readonly #waiting: ((row: OutcomeRow) => void)[] = []

  wants(): boolean {
    return true
  }

  record(row: OutcomeRow): void {
    this.rows.push(row)
    for (const look of this.#waiting) look(row)
  }

  first(isIt: (row: OutcomeRow) => boolean): Promise<OutcomeRow> {
    return new Promise((resolve) => this.#waiting.push((row) => isIt(row) && resolve(row)))
  }
}

const chosenOf = (row: OutcomeRow): string => row.candidateIds[row.chosen]

describe('live peers', () => {
  let dir: string
  let tracker: TrackerServer
  let recorder: WatchedRecorder
  let data: Buffer
  const peers: LivePeer[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-live-'))
    tracker = await startTracker({
      host: '127.0.0.1',
      port: 0,
      policy: { name: 'random' },
      settings: { announceMs: 1000 },
    })
    recorder = new WatchedRecorder()
    data = randomBytes(CHUNKS * CHUNK_BYTES - 100)
  })
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.leave()))
    await tracker.stop()
    await rm(dir, { recursive: true })
  })

  const options = (): LivePeerOptions => ({
    trackers: [tracker.url],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    policy: { name: 'random' },
    recorder,
    settings: { seedBackoffMs: 50 },
  })
  /** Writes files of the test's data into a folder of their own and seeds them. */
  const seed = async (folder: string, ...names: string[]) => {
    await mkdir(join(dir, folder))
    const files = names.map((name) => join(dir, folder, name))
    for (const file of files) await writeFile(file, data)
    const handle = await startSeed({ ...options(), files, chunkBytes: CHUNK_BYTES, isOrigin: false })
    peers.push(handle)
    return { ...handle, files, ids: handle.contents.map(({ manifest }) => manifest.contentId) }
  }
  const get = async (contentId: string, folder: string, more: Partial<GetOptions> = {}) => {
    const handle = await startGet({ ...options(), contentId, outDir: join(dir, folder), ...more })
    peers.push(handle)
    return handle
  }

  it('ban a seed whose bytes are wrong, and get the file from another', async () => {
    const bad = await seed('bad', 'film.bin')
    const file = await open(bad.files[0], 'r+')
    for (let chunk = 0; chunk < CHUNKS; chunk++)
      await file.write(Buffer.from('wrong'), 0, 5, chunk * CHUNK_BYTES)
    await file.close()
    const isCorrupt = recorder.first(({ result }) => result === 'corrupt')
    const handle = await get(bad.ids[0], 'got')
    const corrupt = await isCorrupt
    const badId = chosenOf(corrupt)
    expect(handle.peer.have.count).toBe(0)
    await seed('good', 'film.bin')
    const { path, stats } = await handle.done
    expect(hashOf(await readFile(path))).toBe(hashOf(data))
    const sentBytes = Math.min(CHUNK_BYTES, data.length - corrupt.chunk * CHUNK_BYTES)
    expect(stats.wastedBytes).toBeGreaterThanOrEqual(sentBytes)
    const fromBad = recorder.rows.filter((row) => chosenOf(row) === badId)
    expect(fromBad.every(({ result }) => result !== 'ok')).toBe(true)
    expect(fromBad.length).toBeLessThanOrEqual(2)
  })

  it('go on where they were killed', async () => {
    const { ids } = await seed('seed', 'film.bin')
    const kept: number[] = []
    const half = new Promise<void>((resolve) => {
      void get(ids[0], 'got', { chunk: (chunk) => kept.push(chunk) === CHUNKS / 2 && resolve() })
    })
    await half
    const [, killed] = peers
    await killed.kill()
    expect(await readdir(join(dir, 'got'))).toEqual(['film.bin.part', 'film.bin.part.map'])
    const again = await get(ids[0], 'got')
    expect(again.resumedChunks).toBeGreaterThanOrEqual(CHUNKS / 2)
    const { path, stats } = await again.done
    expect(hashOf(await readFile(path))).toBe(hashOf(data))
    const lastBytes = data.length % CHUNK_BYTES
    const missing = CHUNKS - again.resumedChunks
    expect(stats.downloadedBytes).toBeLessThanOrEqual(missing * CHUNK_BYTES)
    expect(stats.downloadedBytes).toBeGreaterThanOrEqual((missing - 1) * CHUNK_BYTES + lastBytes)
  })

  it('serve several contents behind one port, and are seeds of what they have got', async () => {
    const { ids, address, contents, leave } = await seed('seed', 'a.bin', 'b.bin', 'a.bin')
    expect(contents).toHaveLength(2)
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
    const handles = await Promise.all(ids.map((id, i) => get(id, `got${i}`)))
    const results = await Promise.all(handles.map(({ done }) => done))
    for (const { path } of results) expect(hashOf(await readFile(path))).toBe(hashOf(data))
    await leave()
    const last = await get(ids[0], 'last')
    expect((await last.done).stats.downloadedBytes).toBe(data.length)
  })

  it('take a file that is there already for whole', async () => {
    const { ids } = await seed('seed', 'film.bin')
    const { done, resumedChunks } = await get(ids[0], 'seed')
    expect([(await done).stats.downloadedBytes, resumedChunks]).toEqual([0, CHUNKS])
  })

  it('tell the tracker when they leave, and that a download was left', async () => {
    const { ids, leave } = await seed('seed', 'film.bin')
    expect(tracker.tracker.swarm(ids[0])?.size).toBe(1)
    await leave()
    expect(tracker.tracker.swarm(ids[0])).toBeUndefined()
    const handle = await get(ids[0], 'got')
    await handle.leave()
    await expect(handle.done).rejects.toThrow(/left before film.bin was whole/)
    expect(tracker.tracker.swarm(ids[0])).toBeUndefined()
  })

  it('turn to the next tracker when one is gone, and give up with a reason when nobody has the file', async () => {
    const gone = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    await gone.stop()
    const trackers = [gone.url, tracker.url]
    const { ids, leave } = await seed('seed', 'film.bin')
    const first = await get(ids[0], 'got', { trackers })
    expect((await first.done).stats.downloadedBytes).toBe(data.length)
    await first.leave()
    await leave()
    const late = await get(ids[0], 'late', { trackers, settings: { giveUpMs: 300 } })
    await expect(late.done).rejects.toThrow('film.bin is not whole: no peer could be reached')
  })

  it('say what is wrong and what to do', async () => {
    await expect(get(NOWHERE, 'got')).rejects.toThrow(/knows no content d+ \(check the hash/)
    await expect(get(NOWHERE, 'got', { trackers: ['ftp://x'] })).rejects.toThrow(/an address like http/)
    const free = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    await free.stop()
    await expect(get(NOWHERE, 'got', { trackers: [free.url] })).rejects.toThrow(
      /can't be reached.*is it running/,
    )
    const { ids, address } = await seed('seed', 'film.bin')
    const port = Number(address.split(':')[1])
    await expect(get(ids[0], 'got', { listen: { host: '127.0.0.1', port } })).rejects.toThrow(/in use/)
  })
})
