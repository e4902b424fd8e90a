import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import yargs from 'yargs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDhtFinder } from '../../peer/live/dht-finder.ts'
import { startTracker } from '../../tracker/live/compose.ts'
import { runCli, startCli } from '../cli.testing.ts'
import { finderOptions } from './finder-options.ts'

interface Ready {
  readonly contents: readonly { readonly infoHash: string; readonly magnet: string }[]
}

describe('peer seed and peer get', () => {
  let folder: string
  let file: string
  let seed: ChildProcess | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seedbed-finders-'))
    file = join(folder, 'film.bin')
    await writeFile(file, randomBytes(2_000_000))
  })
  afterEach(async () => {
    seed?.kill('SIGKILL')
    seed = undefined
    await rm(folder, { recursive: true })
  })

  /** Seeds the file in a process of its own; resolves when it is there. */
  const startSeed = async (words: readonly string[]): Promise<Ready> => {
    seed = startCli(['peer', 'seed', file, '--json', ...words])
    const [line] = (await once(createInterface(seed.stdout!), 'line')) as [string]
    return JSON.parse(line) as Ready
  }
  /** Fetches it in another one, which has to end by itself; then the seed has to end when told. */
  const fetchAndLeave = async (words: readonly string[]): Promise<void> => {
    const out = join(folder, 'out')
    const { status, stderr } = await runCli(['peer', 'get', ...words, '-o', out])
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('seedbed:')])
    expect((await readFile(join(out, 'film.bin'))).equals(await readFile(file))).toBe(true)
    const ended = once(seed!, 'close')
    seed!.kill('SIGINT')
    await ended
  }

  it('meet over WebRTC at a WebSocket tracker, and end', async () => {
    const tracker = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    const { contents } = await startSeed(['--tracker', tracker.url.replace('http', 'ws')])
    await fetchAndLeave([contents[0].magnet])
    await tracker.stop()
  })

  it('meet in a DHT, and end', async () => {
    const node = await createDhtFinder({ listen: { host: '127.0.0.1', port: 0 }, bootstrap: [] })
    const dht = ['--dht', '--dht-listen', '127.0.0.1:0', '--dht-bootstrap', node.address]
    // Nobody is at this tracker.
    const nowhere = ['--tracker', 'ws://127.0.0.1:1', '--no-webrtc', '--listen', '127.0.0.1:0']
    const { contents } = await startSeed([...dht, ...nowhere])
    await fetchAndLeave([contents[0].infoHash, ...dht])
    await node.close()
  })
})

it.for([
  [['--relay-only'], '--relay-only needs a TURN server'],
  [['--turn', 'me:secret@'], 'invalid TURN server: "me:…@"'],
  [['--stun', 'a b'], 'invalid STUN server: "a b"'],
  [['--dht-bootstrap', 'a:1'], '--dht-bootstrap has no use without --dht'],
  [['--dht', '--dht-listen', 'x'], 'invalid address: "x"'],
] as const)('what is wrong with %j is said', ([words, message]) => {
  const parser = finderOptions(yargs([...words]))
    .exitProcess(false)
    .fail((text, error) => {
      throw error ?? new Error(text)
    })
  expect(() => parser.parseSync()).toThrow(message)
})
