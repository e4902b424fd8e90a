import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseManifest } from '../protocol/manifest.ts'
import { manifestOfFile } from './manifest-file.ts'
import { contentIdOf } from './sha256.ts'

describe('manifestOfFile', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'seedbed-manifest-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('hashes every chunk of a file, the short last one too', async () => {
    const path = join(dir, 'a.bin')
    const data = Buffer.alloc(2_500_000, 7)
    await writeFile(path, data)
    const progress: number[] = []
    const manifest = await manifestOfFile(path, { onProgress: (hashed) => progress.push(hashed) })
    expect(manifest).toMatchObject({ name: 'a.bin', totalBytes: 2_500_000, chunkBytes: 1_048_576 })
    expect(manifest.digests).toEqual(
      [0, 1, 2].map((i) =>
        createHash('sha256')
          .update(data.subarray(i * 1_048_576, (i + 1) * 1_048_576))
          .digest('hex'),
      ),
    )
    expect(contentIdOf(manifest)).toBe(manifest.contentId)
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest)
    expect(progress.at(-1)).toBe(2_500_000)
  })

  it('gives another hash for another name, size of chunks or content', async () => {
    for (const [name, text] of [
      ['a', 'hello'],
      ['b', 'hello'],
      ['c', 'jello'],
    ])
      await writeFile(join(dir, name), text)
    const ids = await Promise.all([
      manifestOfFile(join(dir, 'a')),
      manifestOfFile(join(dir, 'b')),
      manifestOfFile(join(dir, 'c')),
      manifestOfFile(join(dir, 'a'), { chunkBytes: 2 }),
    ])
    expect(new Set(ids.map(({ contentId }) => contentId)).size).toBe(4)
  })

  it('says why a file can not be shared', async () => {
    await writeFile(join(dir, 'empty'), '')
    await writeFile(join(dir, 'many'), Buffer.alloc(70_000))
    await expect(manifestOfFile(join(dir, 'none'))).rejects.toThrow(/no such file/)
    await expect(manifestOfFile(dir)).rejects.toThrow(/not a file/)
    await expect(manifestOfFile(join(dir, 'empty'))).rejects.toThrow(/empty/)
    await expect(manifestOfFile(join(dir, 'many'), { chunkBytes: 1 })).rejects.toThrow(
      /chunk size of 2 or more/,
    )
    await expect(manifestOfFile(join(dir, 'many'), { chunkBytes: 0.5 })).rejects.toThrow(
      /invalid chunk size: 0.5/,
    )
  })
})
