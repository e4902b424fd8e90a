import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeTorrent } from '../../peer/live/make-torrent.ts'
import { encodeTorrent } from '../../peer/live/torrent.ts'
import { parseContentId } from '../../peer/protocol/ids.ts'
import { readAll } from '../../peer/ports/outcome-store.contract.ts'
import { openStore } from '../store/open-store.ts'
import type { LiveArguments } from './live-options.ts'
import type { Output } from './output.ts'
import type { PeerArguments } from './peer-options.ts'
import { peerEvent } from './peer-events.testing.ts'
import { runStatus } from './peer-status.ts'
import { REPORT_DEFAULTS } from './report-options.ts'
import { runGet, runSeed } from './run-peer.ts'
import { runServe } from './run-serve.ts'
import { STORE_DEFAULTS } from './store-options.ts'
import { TRACKER_ARGUMENTS } from './tracker-options.ts'
import { runTracker } from './tracker.ts'

/** Keeps what a command writes, and tells when it has written a line of result. */
class Captured implements Output {
  #tell!: (text: string) => void
  readonly firstLine = new Promise<string>((resolve) => {
    this.#tell = resolve
  })
  outText = ''
  errText = ''
  readonly out = {
    write: (text: string): void => {
      this.outText += text
      this.#tell(text)
    },
  }
  /** What was printed with `--json`. */
  events(): Record<string, unknown>[] {
    return this.outText
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  readonly err = { write: (text: string) => ((this.errText += text), true) }
}

/** What peers print is as documented. */
function checkEvents(output: Captured): void {
  for (const event of output.outText === '' ? [] : output.events())
    if ('event' in event) expect(peerEvent.safeParse(event).error).toBeUndefined()
}

/** A command that is running. */
interface Running {
  readonly output: Captured
  readonly stop: AbortController
  readonly done: Promise<void>
}

describe('tracker and peer commands', () => {
  let dir: string
  const running: Running[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-commands-'))
    vi.stubEnv('XDG_RUNTIME_DIR', dir)
  })
  afterEach(async () => {
    for (const { stop, done, output } of running.splice(0).reverse()) {
      stop.abort()
      await done
      checkEvents(output)
    }
    vi.unstubAllEnvs()
    await rm(dir, { recursive: true })
  })

  const start = (command: (output: Output, stop: AbortSignal) => Promise<void>): Running => {
    const output = new Captured()
    const stop = new AbortController()
    const one = { output, stop, done: command(output, stop.signal) }
    running.push(one)
    return one
  }
  const common: LiveArguments = {
    ...STORE_DEFAULTS,
    ...{ policy: undefined, model: undefined, seed: undefined, json: true },
  }
  const startTrackerCommand = async (more: Partial<LiveArguments> = {}): Promise<string> => {
    const { output } = start((out, stop) =>
      runTracker(
        { ...TRACKER_ARGUMENTS, ...common, port: 0, udp: false, logLevel: 'info', ...more },
        out,
        stop,
      ),
    )
    return (JSON.parse(await output.firstLine) as { url: string }).url
  }
  const peerArguments = (tracker: string): PeerArguments => ({
    ...common,
    ...REPORT_DEFAULTS,
    ...{ tracker: [tracker], listen: '127.0.0.1:0', region: 'eu-west', uploadSlots: 2 },
  })
  const startSeedCommand = async (tracker: string, files: string[]): Promise<string> => {
    const { output } = start((out, stop) =>
      runSeed({ ...peerArguments(tracker), files, origin: false, chunkBytes: 100_000 }, out, stop),
    )
    const { contents } = JSON.parse(await output.firstLine) as { contents: { contentId: string }[] }
    return parseContentId(contents[0].contentId)
  }

  it('share a file and fetch it, and write outcomes', async () => {
    const store = join(dir, 'store')
    const tracker = await startTrackerCommand({ store })
    const file = join(dir, 'film.bin')
    await writeFile(file, randomBytes(1_000_000))
    const hash = await startSeedCommand(tracker, [file])
    const json = new Captured()
    const get = {
      ...peerArguments(tracker),
      ...{ source: hash, bootstrap: [], search: false },
      out: join(dir, 'got'),
      stay: false,
      giveUpAfter: undefined,
      ...{ store, report: true, storeQueue: join(dir, 'queue') },
    }
    await runGet(get, json, new AbortController().signal)
    const result = json.events().at(-1)!
    expect(json.events().at(0)).toMatchObject({ event: 'ready', contentId: hash })
    expect(result).toMatchObject({
      event: 'done',
      path: join(dir, 'got', 'film.bin'),
      bytes: 1_000_000,
      resumedChunks: 0,
    })
    checkEvents(json)
    expect((await readFile(result.path as string)).equals(await readFile(file))).toBe(true)

    const text = new Captured()
    await runGet({ ...get, json: false, store: undefined, report: false }, text, new AbortController().signal)
    expect(text.outText).toBe(`${join(dir, 'got', 'film.bin')} (1 MB) was whole already\n`)

    for (const { stop, done } of running.splice(0).reverse()) {
      stop.abort()
      await done
    }
    const kept = await readAll((await openStore(store)).outcomes)
    expect(new Set(kept.map(({ row }) => row.place))).toEqual(new Set(['peer', 'tracker']))
    const fetched = kept.filter(({ row }) => row.place === 'peer' && row.result === 'ok')
    const isReported = ({ runId }: { runId: string }): boolean => runId.startsWith('report:')
    for (const rows of [fetched.filter(isReported), fetched.filter((one) => !isReported(one))])
      expect(rows.reduce((sum, { row }) => sum + row.bytes, 0)).toBe(1_000_000)
  })

  it('leave in order when told to stop, and say how to go on', async () => {
    const tracker = await startTrackerCommand()
    const file = join(dir, 'film.bin')
    await writeFile(file, randomBytes(1_000_000))
    const hash = await startSeedCommand(tracker, [file])
    const [, seed] = running
    seed.stop.abort()
    await seed.done
    expect(seed.output.events().at(-1)).toMatchObject({ event: 'done', role: 'seed', uploadedBytes: 0 })
    const stats = (await (await fetch(`${tracker}/v1/swarms`)).json()) as { swarms: number }
    expect(stats.swarms).toBe(0)

    // Nobody seeds any more: the download waits until it is told to stop.
    const stop = new AbortController()
    const output = new Captured()
    const get = runGet(
      {
        ...peerArguments(tracker),
        ...{
          source: hash,
          bootstrap: [],
          search: false,
          out: join(dir, 'got'),
          stay: false,
          giveUpAfter: undefined,
          json: false,
        },
      },
      { ...output, err: { isTTY: true, columns: 80, write: () => (stop.abort(), true) } },
      stop.signal,
    )
    await expect(get).rejects.toThrow(/not whole \(what is verified is kept: get it again/)
    expect(output.outText).toBe('')
  })

  it('serve a file to players while they fetch it, and are listed', async () => {
    const tracker = await startTrackerCommand()
    const file = join(dir, 'film.bin')
    const data = randomBytes(1_000_000)
    await writeFile(file, data)
    const hash = await startSeedCommand(tracker, [file])
    const { output } = start((out, stop) =>
      runServe(
        {
          ...peerArguments(tracker),
          ...{ source: hash, out: join(dir, 'got'), http: '127.0.0.1:0', hostName: [], rate: 500_000 },
          ...{ bootstrap: [], search: false, maxPeers: undefined },
        },
        out,
        stop,
      ),
    )
    const { url, playlistUrl } = JSON.parse(await output.firstLine) as Record<string, string>
    const range = 'bytes=900000-'
    const response = await fetch(url, { headers: { range } })
    expect(Buffer.from(await response.arrayBuffer()).equals(data.subarray(900_000))).toBe(true)
    expect(await (await fetch(playlistUrl)).text()).toContain(url)
    const status = new Captured()
    await runStatus(true, status)
    const roles = status.events().map(({ progress }) => (progress as { role: string }).role)
    expect(roles.toSorted()).toEqual(['seed', 'serve'])
    await expect.poll(() => output.events().at(-1)).toMatchObject({ role: 'serve' })
  })

  it('find and serve a torrent through neighbours, without a tracker', async () => {
    await mkdir(join(dir, 'seed'))
    const file = join(dir, 'seed', 'film.bin')
    const data = randomBytes(300_000)
    await writeFile(file, data)
    const torrent = await makeTorrent(file, {
      ...{ chunkBytes: 32_768, trackers: [], webSeeds: [] },
    })
    await writeFile(join(dir, 'film.torrent'), encodeTorrent(torrent))
    const serve = (source: string, out: string, bootstrap: string[]) =>
      start((output, stop) =>
        runServe(
          {
            ...peerArguments(''),
            ...{ source, out: join(dir, out), tracker: [], bootstrap, search: true, maxPeers: 5 },
            ...{ http: '127.0.0.1:0', hostName: [], rate: 500_000 },
          },
          output,
          stop,
        ),
      )
    const seed = serve(join(dir, 'film.torrent'), 'seed', [])
    const { address } = JSON.parse(await seed.output.firstLine) as { address: string }
    const found = serve(torrent.infoHash, 'got', [address])
    await expect
      .poll(() => found.output.events().some(({ event }) => event === 'ready'), { timeout: 10_000 })
      .toBe(true)
    const { url } = found.output.events().find(({ event }) => event === 'ready') as { url: string }
    const response = await fetch(url)
    expect(Buffer.from(await response.arrayBuffer()).equals(data)).toBe(true)
  })

  it('stop hashing when told to', async () => {
    const file = join(dir, 'film.bin')
    await writeFile(file, randomBytes(1_000_000))
    const given = { ...peerArguments('http://127.0.0.1:9'), files: [file], origin: false, chunkBytes: 1000 }
    await expect(
      runSeed(given, new Captured(), AbortSignal.abort(new Error('told to stop'))),
    ).rejects.toThrow('told to stop')
  })

  it('say what is wrong with their options', async () => {
    const run = (more: Partial<LiveArguments>): Promise<void> =>
      runTracker(
        { ...TRACKER_ARGUMENTS, ...common, port: 0, udp: false, logLevel: 'silent', ...more },
        new Captured(),
        AbortSignal.abort(),
      )
    await expect(run({ policy: 'model' })).rejects.toThrow(/--policy model needs a model: give --model/)
    await expect(run({ policy: 'random', model: dir })).rejects.toThrow(
      /--model has no use with --policy random/,
    )
    await expect(run({ model: dir })).rejects.toThrow(/is not a model folder/)
  })
})
