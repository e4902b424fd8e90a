import { open, link, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { makeFolder } from '../../peer/live/make-folder.ts'
import { StoreBusyError, StoreDiskError } from './errors.ts'

const HELD = new Set<string>()

/**
 * Exclusive use of a folder, by a file in it that is locked. The lock is the operating system's: it goes with the
 * process, however that ends. Node has no such lock; DuckDB takes one on the database file that it opens.
 */
export class FileLock {
  readonly #path: string
  readonly #database: DuckDBInstance

  private constructor(path: string, database: DuckDBInstance) {
    this.#path = path
    this.#database = database
  }

  /** The lock, or undefined where another process, or this one, has it. Makes the file and its folder where they aren't. */
  static async take(given: string): Promise<FileLock | undefined> {
    await makeFolder(dirname(given))
    const path = join(await realpath(dirname(given)), basename(given))
    if (HELD.has(path)) return undefined
    HELD.add(path)
    try {
      await create(path)
      return new FileLock(path, await openDatabase(path))
    } catch (error) {
      HELD.delete(path)
      if (/could not set lock/i.test((error as Error).message)) return undefined
      throw error
    }
  }

  release(): void {
    this.#database.closeSync()
    HELD.delete(this.#path)
  }
}

const openDatabase = (path: string): Promise<DuckDBInstance> => DuckDBInstance.create(path, { threads: '1' })

// The file appears whole, so that a crash leaves none that can't be opened.
async function create(path: string): Promise<void> {
  const exists = await open(path).then(
    (handle) => handle.close().then(() => true),
    () => false,
  )
  if (exists) return
  const draft = `${path}.${process.pid}.tmp`
  await rm(draft, { force: true })
  const database = await openDatabase(draft)
  database.closeSync()
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
}

/** Others get this long to be done. */
const WAIT_MS = 30_000
const POLL_MS = 25

/** Works while it has the lock. Rejects with StoreBusyError where others don't give it free. */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const lock = await FileLock.take(path)
    if (lock)
      try {
        return await work()
      } finally {
        lock.release()
      }
    await pause(POLL_MS)
  }
  throw new StoreBusyError(`${dirname(path)} is in use by another process (waited ${WAIT_MS} ms)`)
}

/** Works on a store's folder, alone. Rejects with StoreBusyError, and with StoreDiskError where the file system refuses. */
export async function whileStoring<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await whileLocked(join(folder, 'lock'), work)
  } catch (error) {
    throw isOfDisk(error) ? new StoreDiskError(folder, error) : error
  }
}

/** Errors of the file system name the call that failed; DuckDB, which holds the lock, says so in words. */
const isOfDisk = (error: unknown): error is Error =>
  error instanceof Error && ('syscall' in error || error.message.startsWith('IO Error'))
