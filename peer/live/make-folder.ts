import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it that are not there. Node's own `recursive` never ends where a file system says of a new
 * folder that there is no such folder, as that of processes does. Rejects with the file system's error.
 */
export async function makeFolder(given: string): Promise<void> {
  const missing: string[] = []
  let at = resolve(given)
  for (; !(await isFolder(at)); at = dirname(at)) missing.unshift(at)
  for (const folder of missing)
    await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else may have been faster.
      if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error
    })
}

/** Whether a folder is there; rejects where something else is. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (found && !found.isDirectory())
    throw Object.assign(new Error(`ENOTDIR: not a folder, '${path}'`), { code: 'ENOTDIR', syscall: 'mkdir' })
  return found !== undefined
}
