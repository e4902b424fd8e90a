import { type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { startCli } from '../cli.testing.ts'
import { peerEvent } from './peer-events.testing.ts'

const BYTES = 1_500_000

interface Running {
  readonly child: ChildProcess
  readonly out: Buffer[]
  readonly events: Record<string, unknown>[]
  /** Resolves with the first event of that name and with those fields. */
  event(name: string, fields?: Record<string, unknown>): Promise<Record<string, unknown>>
  readonly status: Promise<number | null>
}

let folder: string
let tracker: TrackerServer
const running: Running[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-live-'))
  vi.stubEnv('XDG_RUNTIME_DIR', folder)
  tracker = await startTracker({
    ...{ host: '127.0.0.1', port: 0, policy: { name: 'random' } },
    settings: { announceMs: 1000 },
  })
})
afterEach(async () => {
  for (const { child, events } of running) {
    child.kill('SIGKILL')
    for (const event of events) expect(peerEvent.safeParse(event).error).toBeUndefined()
  }
  await Promise.all(running.splice(0).map(({ status }) => status))
  await tracker.stop()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** Starts a command of `peer live`; events are read from standard error where the stream has standard output. */
function live(words: readonly string[], eventsFrom: 'stdout' | 'stderr'): Running {
  const common = ['--tracker', tracker.url, '--listen', '127.0.0.1:0', '--json']
  const child = startCli(['peer', 'live', ...words, ...common], undefined, 'pipe')
  const out: Buffer[] = []
  const events: Record<string, unknown>[] = []
  const waiting: (() => void)[] = []
  let text = ''
  child[eventsFrom]!.on('data', (data: Buffer) => {
    text += data.toString()
    const lines = text.split('\n')
    text = lines.pop()!
    events.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>))
    for (const look of waiting) look()
  })
  if (eventsFrom === 'stderr') child.stdout!.on('data', (data: Buffer) => out.push(data))
  else child.stderr!.resume()
  const one: Running = {
    ...{ child, out, events },
    event: (name, fields = {}) =>
      new Promise((resolve) => {
        const wanted = Object.entries({ event: name, ...fields })
        const look = (): void => {
          const found = events.find((one) => wanted.every(([key, value]) => one[key] === value))
          if (found) resolve(found)
        }
        waiting.push(look)
        look()
      }),
    status: once(child, 'close').then(([status]) => status as number | null),
  }
  running.push(one)
  return one
}

it('three processes watch what an encoder writes to a fourth, byte for byte', async () => {
  const source = live(['source', '-', '--rate', '4 Mbit/s', '--name', 'concert'], 'stdout')
  const { stream } = (await source.event('ready')) as { stream: { contentId: string; name: string } }
  expect(stream.name).toBe('concert')
  const viewers = [0, 1, 2].map(() => live(['watch', stream.contentId, '--buffer', '4 s'], 'stderr'))
  await Promise.all(viewers.map((viewer) => viewer.event('ready')))
  const media = randomBytes(BYTES)
  source.child.stdin!.end(media)
  for (const viewer of viewers) {
    expect(await viewer.status).toBe(0)
    const heard = Buffer.concat(viewer.out)
    expect(heard.equals(media)).toBe(true)
    const done = await viewer.event('done')
    expect(done).toMatchObject({ end: 'end-of-stream', continuity: 1, playedBytes: BYTES, droppedBytes: 0 })
  }
  expect(await source.status).toBe(0)
  expect(await source.event('done')).toMatchObject({ role: 'source', mediaBytes: BYTES })
}, 60_000)

it('a source that is interrupted tells its viewers of the end', async () => {
  const source = live(['source', '-', '--rate', '1 Mbit/s'], 'stdout')
  const { stream } = (await source.event('ready')) as { stream: { contentId: string } }
  const viewer = live(['watch', stream.contentId, '--buffer', '500 ms'], 'stderr')
  await viewer.event('progress', { isPlaying: true })
  source.child.stdin!.write(randomBytes(100_000))
  await once(viewer.child.stdout!, 'data')
  source.child.kill('SIGINT')
  expect(await viewer.status).toBe(0)
  expect(await viewer.event('done')).toMatchObject({ end: 'end-of-stream' })
  expect(await source.status).toBe(0)
}, 60_000)
