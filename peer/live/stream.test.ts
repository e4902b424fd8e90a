import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { chunkIntervalMs } from '../protocol/stream.ts'
import { contentIdOf } from './sha256.ts'
import { describeStream, type SourceOptions, startSource } from './stream-source.ts'
import { startWatch, type WatchOptions } from './stream-watch.ts'
import { Reader, streamOptions } from './stream.testing.ts'
import { fetchManifest, putManifest } from './tracker-api.ts'

const { privateKey: key } = generateKeyPairSync('ed25519')
const RATE_BPS = 1_000_000

describe('a live stream on real sockets', () => {
  let tracker: TrackerServer
  let seeds = 0
  const members: { leave(): Promise<void> }[] = []

  beforeEach(async () => {
    tracker = await startTracker({
      ...{ host: '127.0.0.1', port: 0, policy: { name: 'random' } },
      settings: { announceMs: 1000 },
    })
  })
  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.leave()))
    await tracker.stop()
  })

  const source = async (input: Readable, more: Partial<SourceOptions> = {}) => {
    const manifest = describeStream({ name: 'test', rateBps: RATE_BPS }, key)
    const started = await startSource({
      ...streamOptions(tracker.url, `member ${seeds++}`),
      ...{ manifest, key, input, isExact: false, isStandby: false, beginsMs: Date.now() },
      ...more,
    })
    members.push(started)
    return started
  }
  const watch = async (contentId: string, more: Partial<WatchOptions> = {}) => {
    const reader = new Reader()
    const started = await startWatch({
      ...streamOptions(tracker.url, `member ${seeds++}`),
      ...{ contentId, output: reader },
      ...more,
    })
    members.push(started)
    return { ...started, watch: started, reader }
  }

  it('reaches three viewers byte for byte, and a late one from where it came in', async () => {
    const media = randomBytes(2_500_000)
    const input = new PassThrough()
    const { manifest, done } = await source(input)
    let bothPlay!: () => void
    let playing = 0
    const play = new Promise<void>((resolve) => (bothPlay = resolve))
    const viewers = await Promise.all(
      [0, 1, 2].map(() => watch(manifest.contentId, { playing: () => ++playing === 3 && bothPlay() })),
    )
    await play
    input.write(media.subarray(0, 1_500_000))
    await expect.poll(() => viewers[0].reader.bytes, { timeout: 10_000 }).toBeGreaterThan(500_000)
    const late = await watch(manifest.contentId)
    input.end(media.subarray(1_500_000))
    for (const viewer of viewers) {
      expect(await viewer.watch.done).toBe('end-of-stream')
      expect(viewer.reader.data.equals(media)).toBe(true)
      expect(viewer.watch.figures).toMatchObject({ continuity: 1, skippedChunks: 0, droppedBytes: 0 })
    }
    expect(await late.watch.done).toBe('end-of-stream')
    const part = late.reader.data
    expect(part.length).toBeGreaterThan(500_000)
    expect(part.equals(media.subarray(media.length - part.length))).toBe(true)
    await Promise.all([...viewers, late].map(({ watch }) => watch.leave()))
    await done
  })

  it('goes on from a standby when its source is gone', async () => {
    const media = randomBytes(2_000_000)
    const beginsMs = Date.now()
    const chunkBytes = 16_384
    const manifest = describeStream({ name: 'test', rateBps: RATE_BPS, chunkBytes }, key)
    const exact = { manifest, beginsMs, isExact: true }
    const input = (): Readable => Readable.from([media])
    const first = await source(input(), exact)
    let tookOver!: () => void
    const takeover = new Promise<void>((resolve) => (tookOver = resolve))
    await source(input(), { ...exact, isStandby: true, tookOver })
    const viewer = await watch(manifest.contentId)
    await expect.poll(() => viewer.reader.bytes, { timeout: 10_000 }).toBeGreaterThan(300_000)
    first.kill()
    await takeover
    expect(await viewer.watch.done).toBe('end-of-stream')
    const part = viewer.reader.data
    const after = Buffer.from(media.subarray(media.length - 100_000))
    expect(part.subarray(-100_000).equals(after)).toBe(true)
    const { playedChunks, skippedChunks } = viewer.watch.figures
    // Only what the old source had not told anybody of before the standby spoke can be missing.
    expect(skippedChunks).toBeLessThan(playedChunks / 2)
  })

  it('carries chunks of 2,048 bytes, those that the encoder fills and those that it does not', async () => {
    const input = new PassThrough()
    const manifest = describeStream({ name: 'slow', rateBps: 400_000, chunkBytes: 2048 }, key)
    await source(input, { manifest })
    const viewer = await watch(manifest.contentId)
    const media = randomBytes(300_000)
    input.write(media.subarray(0, 1000))
    await expect.poll(() => viewer.reader.bytes, { timeout: 10_000 }).toBe(1000)
    input.end(media.subarray(1000))
    expect(await viewer.watch.done).toBe('end-of-stream')
    expect(viewer.reader.data.equals(media)).toBe(true)
    expect(viewer.watch.figures.continuity).toBe(1)
  })

  it('does not wait for a player that does not read, and says what it left out', async () => {
    const input = new PassThrough()
    const manifest = describeStream({ name: 'fast', rateBps: 16_000_000, chunkBytes: 256 * 1024 }, key)
    await source(input, { manifest })
    const player = new PassThrough({ highWaterMark: 1 })
    const viewer = await watch(manifest.contentId, { output: player })
    const media = randomBytes(16_000_000)
    input.end(media)
    await expect.poll(() => viewer.watch.figures.droppedBytes, { timeout: 20_000 }).toBeGreaterThan(2_000_000)
    const parts: Buffer[] = []
    player.on('data', (part: Buffer) => parts.push(part))
    expect(await viewer.watch.done).toBe('end-of-stream')
    const heard = Buffer.concat(parts)
    const { droppedBytes, playedBytes } = viewer.watch.figures
    expect(heard.length).toBe(playedBytes)
    expect(droppedBytes + playedBytes).toBe(media.length)
    expect(heard.subarray(-1_000_000).equals(media.subarray(-1_000_000))).toBe(true)
  })

  it('ends for a viewer whose player goes, and fails for one who gives up', async () => {
    const { manifest } = await source(new PassThrough())
    const player = new PassThrough()
    const left = await watch(manifest.contentId, { output: player })
    player.destroy()
    expect(await left.watch.done).toBe('nobody-reads')
    const alone = describeStream({ name: 'gone', rateBps: RATE_BPS }, key)
    const gone = await source(new PassThrough(), { manifest: alone })
    await gone.leave()
    const viewer = await watch(alone.contentId, { giveUpMs: 100 })
    await expect(viewer.watch.done).rejects.toThrow(
      'gone does not play: no peer could be reached (is its source',
    )
  })

  it('is told from a file', async () => {
    const { manifest } = await source(Readable.from([]))
    await expect(fetchManifest(tracker.url, manifest.contentId)).rejects.toThrow(
      /it is a live stream \(see it/,
    )
    const file = { name: 'film', totalBytes: 10, chunkBytes: 10, digests: ['a'.repeat(64)] }
    const contentId = contentIdOf(file)
    await putManifest(tracker.url, { contentId, ...file })
    await expect(watch(contentId)).rejects.toThrow(/it is no live stream \(fetch it with: seedbed peer get/)
    await expect(watch('d'.repeat(64))).rejects.toThrow(/knows no content d+/)
  })
})

describe('the shape of a stream', () => {
  it('has about ten chunks a second, at least 2,048 bytes each', () => {
    const chunkBytes = (rateBps: number) => describeStream({ name: 'x', rateBps }, key).chunkBytes
    expect([1_000, 100_000, 1_000_000].map(chunkBytes)).toEqual([2048, 8192, 131_072])
  })

  it('keeps a buffer within the window that viewers know', () => {
    const shape = { name: 'x', rateBps: 1_000_000, chunkBytes: 2047 }
    expect(() => describeStream(shape, key)).toThrow('invalid chunk size: 2047 (2048 to')
    expect(() => describeStream({ ...shape, chunkBytes: 2048 }, key)).toThrow(
      'invalid chunk size: 2048 (2930 or more at this rate',
    )
  })

  it('plays media at the rate given, whatever chunks say of themselves', () => {
    const manifest = describeStream({ name: 'x', rateBps: 20_470, chunkBytes: 2048 }, key)
    expect(chunkIntervalMs(manifest)).toBeCloseTo(100)
  })
})
