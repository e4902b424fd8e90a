import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type LivePeerOptions, startGet, startSeed } from '../../peer/live/compose.ts'
import { TrackerReports } from '../../peer/live/tracker-reports.ts'
import { readAll } from '../../peer/ports/outcome-store.contract.ts'
import type { Outcome } from '../../peer/ports/outcome-sink.ts'
import type { OutcomeIntake } from '../../peer/ports/outcome-store.ts'
import type { OutcomeRow } from '../../peer/ports/recorder.ts'
import { startCli } from '../cli.testing.ts'
import { DurableOutcomes } from '../store/durable-outcomes.ts'
import { openStore } from '../store/open-store.ts'
import { SinkRecorder } from '../store/sink-recorder.ts'

const LEECHERS = 49
const CHUNKS = 40
const CHUNK_BYTES = 32 * 1024
/** The tracker is killed when this share of all chunks was fetched since it started, and as many rows were acknowledged. */
const KILL_SHARE = 0.1
const KILL_ACKNOWLEDGED = 50

let dir: string
const children: ReturnType<typeof startCli>[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seedbed-restart-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(dir, { recursive: true })
})

/** A tracker process with a store; `stop` ends it and waits until it has ended. */
async function startTrackerProcess(port: number) {
  const child = startCli(
    [
      'tracker',
      '--json',
      '--no-udp',
      '--log-level',
      'error',
      '--port',
      String(port),
      '--store',
      join(dir, 'store'),
    ],
    dir,
  )
  children.push(child)
  child.stderr!.pipe(process.stderr)
  const exited = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    stop: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return (await exited) as unknown[]
    },
  }
}

/** Sends reports on, and remembers the rows that were acknowledged. */
class WatchedReports implements OutcomeIntake {
  readonly acknowledged: OutcomeRow[] = []
  readonly #reports: TrackerReports

  constructor(tracker: string) {
    this.#reports = new TrackerReports({ trackers: [tracker] })
  }

  async insert(outcomes: readonly Outcome[]): Promise<number> {
    const peers = [...new Set(outcomes.map(({ row }) => row.requesterId))]
    const counts = await Promise.all(
      peers.map((peer) => this.#report(outcomes.filter(({ row }) => row.requesterId === peer))),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #report(outcomes: readonly Outcome[]): Promise<number> {
    const fresh = await this.#reports.insert(outcomes)
    this.acknowledged.push(...outcomes.map(({ row }) => row))
    return fresh
  }
}

const keyOf = ({ requesterId, chunk, attempt, decidedMs, candidateIds, chosen }: OutcomeRow): string =>
  [requesterId, chunk, attempt, decidedMs, candidateIds[chosen]].join(' ')

it('50 peers finish and no acknowledged outcome is lost, though their tracker is killed again and again', async () => {
  let tracker = await startTrackerProcess(0)
  const { url } = tracker
  const reports = new WatchedReports(url)
  const sink = await DurableOutcomes.open({ store: reports, journalRoot: join(dir, 'queue'), drainMs: 50 })
  const recorder = new SinkRecorder({ sink, runId: 'peers' })

  let fetched = 0
  let kills = 0
  let restarted: Promise<void> | undefined
  let since = { fetched: 0, acknowledged: 0 }
  const killAndRestart = async (): Promise<void> => {
    kills++
    expect(await tracker.stop('SIGKILL')).toEqual([null, 'SIGKILL'])
    tracker = await startTrackerProcess(Number(new URL(url).port))
    since = { fetched, acknowledged: reports.acknowledged.length }
    restarted = undefined
  }
  const onChunk = (): void => {
    fetched++
    const isEnough = fetched - since.fetched >= KILL_SHARE * LEECHERS * CHUNKS
    const isHeard = reports.acknowledged.length - since.acknowledged >= KILL_ACKNOWLEDGED
    if (isEnough && isHeard) restarted ??= killAndRestart()
  }

  const options: LivePeerOptions = {
    trackers: [url],
    listen: { host: '127.0.0.1', port: 0 },
    region: 'eu-west',
    policy: { name: 'random' },
    recorder,
  }
  const path = join(dir, 'film.bin')
  const content = randomBytes(CHUNKS * CHUNK_BYTES)
  await writeFile(path, content)
  const seed = await startSeed({ ...options, files: [path], chunkBytes: CHUNK_BYTES, isOrigin: false })
  const { contentId } = seed.contents[0].manifest
  const peers = await Promise.all(
    Array.from({ length: LEECHERS }, (_, n) =>
      startGet({ ...options, contentId, outDir: join(dir, `peer-${n}`), chunk: onChunk }),
    ),
  )
  const results = await Promise.all(peers.map(({ done }) => done))
  await restarted
  expect(kills).toBeGreaterThan(0)
  for (const result of results) expect((await readFile(result.path)).equals(content)).toBe(true)

  await Promise.all([seed, ...peers].map((peer) => peer.leave()))
  await recorder.close()
  await sink.drain()
  await sink.close()
  expect(await tracker.stop('SIGTERM')).toEqual([0, null])
  const kept = await readAll((await openStore(join(dir, 'store'))).outcomes)
  const reported = kept.filter(({ runId }) => runId.startsWith('report:')).map(({ row }) => keyOf(row))
  // A segment that was told in part is told again: rows may be acknowledged twice, and are kept once.
  expect(reported.sort()).toEqual([...new Set(reports.acknowledged.map(keyOf))].sort())
  expect(reported.length).toBeGreaterThanOrEqual(LEECHERS * CHUNKS)
}, 60_000)
