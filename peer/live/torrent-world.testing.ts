import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '../ports/seeded-random.ts'
import type { TorrentNodeOptions } from './torrent-node.ts'
import { type FetchHandle, type FetchOptions, fetchTorrent } from './torrent-share.ts'
import { type ShareHandle, type ShareOptions, shareTorrents } from './torrent-share.ts'

/** Nodes on loopback that share files of a folder of their own. */
export class TorrentWorld {
  folder!: string
  readonly #handles: { kill(): Promise<void> }[] = []
  readonly #abort = new AbortController()
  readonly warnings: string[] = []

  static async create(): Promise<TorrentWorld> {
    const world = new TorrentWorld()
    world.folder = await mkdtemp(join(tmpdir(), 'seedbed-torrent-'))
    return world
  }

  /** A file of random bytes; returns its path. */
  async file(name: string, bytes: number): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, randomBytes(bytes))
    return path
  }

  async share(
    paths: readonly string[],
    trackers: readonly string[],
    more: Partial<ShareOptions> = {},
  ): Promise<ShareHandle> {
    const handle = await shareTorrents({ ...this.#options(trackers), paths, isOrigin: false, ...more })
    this.#handles.push(handle)
    return handle
  }

  /** Fetches into a folder of that name. */
  async fetch(
    source: string,
    into: string,
    trackers: readonly string[] = [],
    more: Partial<FetchOptions> = {},
  ): Promise<FetchHandle> {
    const handle = await fetchTorrent({
      ...this.#options(trackers),
      ...{ source, outDir: join(this.folder, into), signal: this.#abort.signal },
      ...more,
    })
    this.#handles.push(handle)
    return handle
  }

  async dispose(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#handles.map((handle) => handle.kill()))
    await rm(this.folder, { recursive: true })
  }

  #options(trackers: readonly string[]): TorrentNodeOptions {
    return {
      trackers,
      listen: { host: '127.0.0.1', port: 0 },
      region: 'eu-west',
      random: new SeededRandom(randomBytes(8).toString('hex')),
      recorder: { wants: () => false, record: () => undefined },
      ranker: () => ({
        ...{ name: 'first', version: '1', readsFeatures: false },
        rank: ({ count }, wanted) => ({
          order: Array.from({ length: Math.min(wanted, count) }, (_, i) => i),
          ...{ scores: new Float32Array(count), propensity: 1, explored: false },
        }),
      }),
      warning: (error) => this.warnings.push(error.message),
    }
  }
}
