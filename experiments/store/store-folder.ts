import { randomBytes } from 'node:crypto'
import { access, constants, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../../peer/live/make-folder.ts'
import { quote } from '../../peer/protocol/ids.ts'
import { InvalidStoreError } from './errors.ts'

/** What a store's folder holds, and one where outcomes wait; hidden things and a disk's lost+found belong to nobody. */
const OWN = /^(outcomes|models|journal|tokens|[0-9a-f]{12})$/
const NOBODYS = /^(\..*|lost\+found)$/
/** A disk with less room than this is full. */
const PROBE_BYTES = 1024 * 1024

/** What a folder is for, as messages name it, and the option that says where it is. */
export type FolderUse = 'store' | 'store queue'

const OPTIONS = { store: '--store', 'store queue': '--store-queue' } as const

/** Makes a folder where there is none, and sees that it can be written to. Rejects with InvalidStoreError. */
export async function openFolder(use: FolderUse, given: string): Promise<void> {
  try {
    await makeFolder(given)
    const probe = join(given, `.probe-${randomBytes(6).toString('hex')}`)
    try {
      await writeFile(probe, Buffer.alloc(PROBE_BYTES), { flag: 'wx', flush: true })
    } finally {
      await rm(probe, { force: true })
    }
  } catch (cause) {
    throw unfit(use, given, (cause as Error).message, cause)
  }
}

/** Sees, without writing anything, that a folder is nobody else's and could be made and used. Rejects with InvalidStoreError. */
export async function checkFolder(use: FolderUse, given: string): Promise<void> {
  const foreign = await foreignIn(given).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT')
      throw unfit(use, given, cause.code === 'ENOTDIR' ? 'not a folder' : cause.message, cause)
  })
  if (foreign !== undefined)
    throw new InvalidStoreError(
      `invalid ${use}: ${quote(given)} holds other things, e.g. ${quote(foreign)} (${OPTIONS[use]} takes a folder of its own: a new or an empty one)`,
    )
  await checkWritable(resolve(given)).catch((cause: Error) => {
    throw unfit(use, given, cause.message, cause)
  })
}

/** Something in a folder that is in use for something else. */
async function foreignIn(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => !NOBODYS.test(name))
  return names.some((name) => OWN.test(name)) ? undefined : names[0]
}

/** Rejects where the folder, or the one that it would be made in, can't be written. */
async function checkWritable(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return found ? access(path, constants.W_OK) : checkWritable(dirname(path))
}

const unfit = (use: FolderUse, given: string, why: string, cause: unknown): InvalidStoreError =>
  new InvalidStoreError(
    `invalid ${use}: ${quote(given)}: ${why} (${OPTIONS[use]} takes a folder that this user can write, on a disk with room)`,
    { cause },
  )
