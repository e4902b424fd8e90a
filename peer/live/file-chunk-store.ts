import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { ChunkSet } from '../protocol/chunk-set.ts'
import { type Digest, quote } from '../protocol/ids.ts'
import { chunkSize, type Manifest } from '../protocol/manifest.ts'
import type { ChunkBody, ChunkStore } from '../ports/chunk-store.ts'
import { algorithmOf, chunkDigest, type DigestAlgorithm } from './chunk-digest.ts'
import { ContentFiles, type FileSpan } from './content-files.ts'
import { FileError, fileError } from './errors.ts'
import { dataOf, LiveBody } from './live-body.ts'
import { ResumeMap } from './resume-map.ts'

/** Chunks that are hashed at once when a download is resumed. */
const PARALLEL = 4

export interface FileStoreOptions {
  /** The files of a content that is a folder; a single file where it is left out. */
  readonly files?: readonly FileSpan[] | undefined
  /** A chunk could not be read or kept; the store goes on where it can. */
  failed?(error: Error, action: 'read' | 'hash' | 'write'): void
  /** Chunks that were there before are being hashed again; may throw to end that. */
  checking?(checked: number, total: number): void
}

/**
 * A content's chunks in one file, or in a folder of files. A download grows as a sparse `NAME.part` with `NAME.part.map`
 * beside it, and takes its final name when the last chunk is there.
 */
export class FileChunkStore implements ChunkStore {
  readonly initial: ChunkSet
  /** The file or folder under its final name. */
  readonly path: string
  readonly #manifest: Manifest
  readonly #files: ContentFiles
  readonly #map: ResumeMap | undefined
  readonly #have: ChunkSet
  readonly #algorithm: DigestAlgorithm
  readonly #options: FileStoreOptions
  readonly #pending = new Set<Promise<void>>()
  #isClosed = false

  private constructor(
    path: string,
    manifest: Manifest,
    files: ContentFiles,
    map: ResumeMap | undefined,
    initial: ChunkSet,
    options: FileStoreOptions,
  ) {
    this.path = path
    this.#manifest = manifest
    this.#files = files
    this.#map = map
    this.#have = initial
    this.#algorithm = algorithmOf(manifest.digests)
    this.initial = initial.clone()
    this.#options = options
  }

  /** Opens a whole file or folder whose manifest is known to fit. Rejects with FileError. */
  static async seed(
    path: string,
    manifest: Manifest,
    options: FileStoreOptions = {},
  ): Promise<FileChunkStore> {
    const files = new ContentFiles(path, manifest.totalBytes, options.files, 'read')
    try {
      await stat(path)
      if (!(await files.fit()))
        throw new FileError('E_CHANGED', `can't read ${path}: its sizes have changed (share it anew)`)
      const all = ChunkSet.full(manifest.digests.length)
      return new FileChunkStore(path, manifest, files, undefined, all, options)
    } catch (error) {
      await files.close()
      throw fileError('read', path, error)
    }
  }

  /**
   * Opens a download in a folder, which is made where there is none: a new one, one to resume, or one that is
   * complete. Rejects with FileError, also where the name is taken by another file.
   */
  static async download(
    dir: string,
    manifest: Manifest,
    options: FileStoreOptions = {},
  ): Promise<FileChunkStore> {
    const path = join(dir, safeName(manifest.name))
    try {
      await makeFolder(dir)
      if (await exists(path)) return await openComplete(path, manifest, options)
      return await FileChunkStore.#resume(path, manifest, options)
    } catch (error) {
      throw fileError('write', path, error)
    }
  }

  static async #resume(path: string, manifest: Manifest, options: FileStoreOptions): Promise<FileChunkStore> {
    const { contentId, digests, totalBytes } = manifest
    const isOld = await exists(`${path}.part`)
    const map = await ResumeMap.open(`${path}.part.map`, contentId, digests.length)
    if (isOld && map.contentId !== undefined && map.contentId !== contentId) {
      await map.close()
      throw new FileError(
        'E_OTHER_DOWNLOAD',
        `can't write ${path}: ${path}.part belongs to content ${map.contentId} (move it away, or choose another folder)`,
      )
    }
    const files = new ContentFiles(`${path}.part`, totalBytes, options.files, 'write')
    const claimed = map.contentId === undefined ? ChunkSet.full(digests.length) : map.claimed
    try {
      await files.allocate()
      const have = isOld ? await verified(files, manifest, claimed, options) : new ChunkSet(digests.length)
      await map.add(...listOf(have))
      const store = new FileChunkStore(path, manifest, files, map, have, options)
      if (have.isFull) await store.#finish()
      return store
    } catch (error) {
      await files.close()
      await map.close()
      throw error
    }
  }

  read(chunk: number, done: (body: ChunkBody | undefined) => void): void {
    if (!this.#have.has(chunk)) return void setImmediate(() => done(undefined))
    this.#run(
      'read',
      async () => {
        const { chunkBytes } = this.#manifest
        const data = await this.#files.read(chunk * chunkBytes, chunkSize(this.#manifest, chunk))
        return new LiveBody(data)
      },
      done,
    )
  }

  digest(body: ChunkBody, done: (digest: Digest) => void): void {
    this.#run(
      'hash',
      () => chunkDigest(dataOf(body), this.#algorithm),
      (digest) => done(digest ?? ''),
    )
  }

  write(chunk: number, body: ChunkBody, done: (kept: boolean) => void): void {
    this.#run(
      'write',
      async () => {
        await this.#files.write(dataOf(body), chunk * this.#manifest.chunkBytes)
        // A second copy of the last chunk may come when the download is finished already.
        if (this.#have.has(chunk)) return true
        await this.#map?.add(chunk)
        if (this.#have.add(chunk) && this.#have.isFull) await this.#finish()
        return true
      },
      (kept) => done(kept ?? false),
    )
  }

  /** Waits for what is under way and closes the file; a partial download can be resumed. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    while (this.#pending.size > 0) await Promise.all(this.#pending)
    await this.#map?.close()
    await this.#files.close()
  }

  async #finish(): Promise<void> {
    await this.#files.sync()
    await rename(`${this.path}.part`, this.path)
    this.#files.root = this.path
    await this.#map?.remove()
  }

  /** Runs one operation; its answer is undefined where it failed or came too late. */
  #run<T>(
    action: 'read' | 'hash' | 'write',
    operation: () => Promise<T>,
    done: (answer: T | undefined) => void,
  ): void {
    if (this.#isClosed) return void setImmediate(() => done(undefined))
    const running = operation()
      .catch((error: unknown) => {
        this.#options.failed?.(fileError(action, this.path, error), action)
        return undefined
      })
      .then((answer) => {
        this.#pending.delete(running)
        done(answer)
      })
    this.#pending.add(running)
  }
}

async function openComplete(
  path: string,
  manifest: Manifest,
  options: FileStoreOptions,
): Promise<FileChunkStore> {
  const files = new ContentFiles(path, manifest.totalBytes, options.files, 'read')
  try {
    const all = ChunkSet.full(manifest.digests.length)
    const have = (await files.fit()) ? await verified(files, manifest, all, options) : undefined
    if (have?.isFull) return await FileChunkStore.seed(path, manifest, options)
  } finally {
    await files.close()
  }
  throw new FileError(
    'E_EXISTS',
    `can't write ${path}: another file has that name (move it away, or choose another folder)`,
  )
}

/** Those of the claimed chunks whose bytes are right. */
async function verified(
  files: ContentFiles,
  manifest: Manifest,
  claimed: ChunkSet,
  options: FileStoreOptions,
): Promise<ChunkSet> {
  const right = new ChunkSet(claimed.size)
  const chunks = listOf(claimed)
  const algorithm = algorithmOf(manifest.digests)
  let next = 0
  let checked = 0
  const checkSome = async (): Promise<void> => {
    while (next < chunks.length) {
      const chunk = chunks[next++]
      const data = await files
        .read(chunk * manifest.chunkBytes, chunkSize(manifest, chunk))
        .catch(() => undefined)
      if (data && (await chunkDigest(data, algorithm)) === manifest.digests[chunk]) right.add(chunk)
      options.checking?.(++checked, chunks.length)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, checkSome))
  return right
}

/** A manifest's name as a file name. It comes from others: it must not lead out of the folder. */
function safeName(name: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[/\\\u0000-\u001f]/.test(name) || /^\.+$/.test(name) || Buffer.byteLength(name) > 240)
    throw new FileError('E_NAME', `invalid manifest name: ${quote(name)} (a plain file name expected)`)
  return name
}

function listOf(chunks: ChunkSet): number[] {
  const list: number[] = []
  chunks.forEach((chunk) => list.push(chunk))
  return list
}

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
