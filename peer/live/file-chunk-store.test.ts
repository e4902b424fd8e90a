import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Manifest } from '../protocol/manifest.ts'
import { chunkStoreContract, type ChunkStoreWorld } from '../ports/chunk-store.contract.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import type { FileError } from './errors.ts'
import { FileChunkStore } from './file-chunk-store.ts'
import { dataOf, LiveBody } from './live-body.ts'
import { contentIdOf } from './sha256.ts'

const CHUNK_BYTES = 1000
const DATA = Buffer.from(
  Array.from(
    { length: 4500 },
    (
      (random) => () =>
        random.below(256)
    )(new SeededRandom('file')),
  ),
)
const CHUNKS = Array.from({ length: 5 }, (_, i) => DATA.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES))
const digestOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

function manifestNamed(name: string): Manifest {
  const manifest = { name, totalBytes: DATA.length, chunkBytes: CHUNK_BYTES, digests: CHUNKS.map(digestOf) }
  return { contentId: contentIdOf(manifest), ...manifest }
}

const MANIFEST = manifestNamed('film.bin')

const write = (store: FileChunkStore, chunk: number): Promise<boolean> =>
  new Promise((resolve) => store.write(chunk, new LiveBody(CHUNKS[chunk]), resolve))
const read = (store: FileChunkStore, chunk: number): Promise<ChunkBody | undefined> =>
  new Promise((resolve) => store.read(chunk, resolve))
const held = (store: FileChunkStore): number[] => [0, 1, 2, 3, 4].filter((chunk) => store.initial.has(chunk))

chunkStoreContract('FileChunkStore', async (): Promise<ChunkStoreWorld> => {
  const dir = await mkdtemp(join(tmpdir(), 'seedbed-store-'))
  const opened = [await FileChunkStore.download(dir, MANIFEST)]
  return {
    store: opened[0],
    digests: MANIFEST.digests,
    body: (chunk) => new LiveBody(CHUNKS[chunk]),
    corruptBody: (chunk) => new LiveBody(CHUNKS[chunk].map((byte) => byte ^ 1)),
    reopen: async () => {
      await opened[0].close()
      opened.push(await FileChunkStore.download(dir, MANIFEST))
      return opened[1]
    },
    dispose: async () => {
      for (const store of opened) await store.close()
      await rm(dir, { recursive: true })
    },
  }
})

describe('FileChunkStore', () => {
  let dir: string
  const stores: FileChunkStore[] = []

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-store-'))
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await rm(dir, { recursive: true })
  })

  const download = async (into = dir, manifest = MANIFEST): Promise<FileChunkStore> => {
    const store = await FileChunkStore.download(into, manifest)
    stores.push(store)
    return store
  }

  it('has its final name when it is whole and not before', async () => {
    const store = await download()
    for (const chunk of [4, 0, 2, 1]) await write(store, chunk)
    expect((await readdir(dir)).sort()).toEqual(['film.bin.part', 'film.bin.part.map'])
    expect(await write(store, 3)).toBe(true)
    expect(await readdir(dir)).toEqual(['film.bin'])
    expect((await readFile(store.path)).equals(DATA)).toBe(true)
    expect((await read(store, 4))?.bytes).toBe(500)
  })

  it('keeps what was verified when its process is killed, and takes a torn chunk for missing', async () => {
    const store = await download(join(dir, 'before'))
    for (const chunk of [0, 2, 4]) await write(store, chunk)
    // What a killed process leaves behind is what the files hold at that moment.
    const after = join(dir, 'after')
    await cp(join(dir, 'before'), after, { recursive: true })
    const part = await readFile(join(after, 'film.bin.part'))
    part.fill(0, 2 * CHUNK_BYTES + 300, 3 * CHUNK_BYTES)
    await writeFile(join(after, 'film.bin.part'), part)
    expect(held(await download(after))).toEqual([0, 4])
  })

  it('hashes everything where the resume map is missing or torn', async () => {
    for (const damage of [(path: string) => rm(path), (path: string) => truncate(path, 20)]) {
      const store = await download()
      for (const chunk of [1, 3]) await write(store, chunk)
      await store.close()
      await damage(join(dir, 'film.bin.part.map'))
      const again = await download()
      expect(held(again)).toEqual([1, 3])
      await again.close()
      await rm(join(dir, 'film.bin.part'))
      await rm(join(dir, 'film.bin.part.map'))
    }
  })

  it('finishes a download that was killed before its renaming', async () => {
    await writeFile(join(dir, 'film.bin.part'), DATA)
    const store = await download()
    expect(store.initial.isFull).toBe(true)
    expect(await readdir(dir)).toEqual(['film.bin'])
  })

  it('takes a whole file of that name for complete, and refuses another one', async () => {
    await writeFile(join(dir, 'film.bin'), DATA)
    expect((await download()).initial.isFull).toBe(true)
    await writeFile(join(dir, 'film.bin'), 'something else')
    await expect(download()).rejects.toThrow(/another file has that name \(move it away/)
    expect(await readFile(join(dir, 'film.bin'), 'utf8')).toBe('something else')
  })

  it('leaves the partial download of another content alone', async () => {
    const store = await download()
    await write(store, 0)
    await store.close()
    const other = { ...MANIFEST, contentId: 'd'.repeat(64) }
    await expect(download(dir, other)).rejects.toThrow(/belongs to content/)
    expect(held(await download())).toEqual([0])
  })

  it('refuses names that lead out of the folder', async () => {
    for (const name of ['../film.bin', '/etc/passwd', 'a\\b', '..', '.', 'a\u0000b', 'x'.repeat(241)])
      await expect(download(dir, manifestNamed(name))).rejects.toMatchObject({ code: 'E_NAME' })
    expect(await readdir(dir)).toEqual([])
  })

  it('says what went wrong when a seeded file shrinks', async () => {
    const path = join(dir, 'film.bin')
    await writeFile(path, DATA)
    const errors: FileError[] = []
    const store = await FileChunkStore.seed(path, MANIFEST, {
      failed: (error) => errors.push(error as FileError),
    })
    stores.push(store)
    expect((await read(store, 4))?.bytes).toBe(500)
    await truncate(path, 4200)
    expect(await read(store, 4)).toBeUndefined()
    expect(errors.map(({ code }) => code)).toEqual(['E_SHORT'])
  })

  it('takes another copy of the last chunk, whenever it comes', async () => {
    const errors: Error[] = []
    const store = await FileChunkStore.download(dir, MANIFEST, { failed: (error) => errors.push(error) })
    stores.push(store)
    for (let chunk = 0; chunk < 4; chunk++) await write(store, chunk)
    expect(await Promise.all([write(store, 4), write(store, 4)])).toEqual([true, true])
    expect(await write(store, 4)).toBe(true)
    expect(await readFile(join(dir, 'film.bin'))).toEqual(DATA)
    expect(errors).toEqual([])
  })

  it('keeps nothing once it is closed', async () => {
    const store = await download()
    await store.close()
    expect(await write(store, 0)).toBe(false)
    expect(await read(store, 0)).toBeUndefined()
  })

  it('spreads the chunks of a folder over its files, and finds them again', async () => {
    const files = [
      { path: 'a/first.bin', bytes: 1500, offset: 0 },
      { path: 'empty', bytes: 0, offset: 1500 },
      { path: 'second.bin', bytes: 3000, offset: 1500 },
    ]
    const first = await FileChunkStore.download(dir, MANIFEST, { files })
    stores.push(first)
    for (const chunk of [1, 4]) await write(first, chunk)
    await first.close()
    const again = await FileChunkStore.download(dir, MANIFEST, { files })
    stores.push(again)
    expect(held(again)).toEqual([1, 4])
    for (const chunk of [0, 2, 3]) expect(await write(again, chunk)).toBe(true)
    expect(Buffer.from(dataOf((await read(again, 1))!))).toEqual(CHUNKS[1])
    expect(await readFile(join(dir, 'film.bin/a/first.bin'))).toEqual(DATA.subarray(0, 1500))
    expect(await readFile(join(dir, 'film.bin/second.bin'))).toEqual(DATA.subarray(1500))
    expect(await readFile(join(dir, 'film.bin/empty'))).toHaveLength(0)
    const seed = await FileChunkStore.seed(join(dir, 'film.bin'), MANIFEST, { files })
    stores.push(seed)
    expect(Buffer.from(dataOf((await read(seed, 1))!))).toEqual(CHUNKS[1])
  })

  it('takes SHA-1 where the manifest does', async () => {
    const digests = CHUNKS.map((chunk) => createHash('sha1').update(chunk).digest('hex'))
    const store = await download(dir, { ...MANIFEST, contentId: 'a'.repeat(40), digests })
    await write(store, 2)
    await store.close()
    expect(held(await download(dir, { ...MANIFEST, contentId: 'a'.repeat(40), digests }))).toEqual([2])
  })
})
