import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Origin, OriginFile } from './origin.ts'

/** Nobody has to wait on a named pipe, and links out of the folder lead nowhere. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The files of one folder, those of folders below left out. */
export class FolderOrigin implements Origin {
  readonly where: string

  constructor(folder: string) {
    this.where = folder
  }

  async open(name: string): Promise<OriginFile | undefined> {
    const handle = await open(join(this.where, name), READ).catch((error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'].includes(error.code ?? '')) return undefined
      throw error
    })
    const stats = await handle?.stat()
    if (!handle || !stats?.isFile()) {
      await handle?.close()
      return undefined
    }
    return {
      bytes: stats.size,
      read: (first, last) =>
        Promise.resolve(handle.createReadStream({ start: first, end: last, autoClose: false })),
      close: () => handle.close(),
    }
  }
}
