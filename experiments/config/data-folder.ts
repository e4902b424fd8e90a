import { resolve } from 'node:path'

/** A key `file` or `files`, also at the end of a path of the matrix. */
const DATA_FILE_KEY = /"(?:[^"]*\.)?files?":/

/**
 * The config as written, with the folder of its data files as an absolute path where it names any: what it resolves to may
 * be read from another place.
 */
export function withDataFolder(input: unknown, folder: string): unknown {
  if (typeof input !== 'object' || input === null) return input
  const { dataFolder } = input as { dataFolder?: unknown }
  if (typeof dataFolder === 'string') return { ...input, dataFolder: resolve(folder, dataFolder) }
  if (dataFolder !== undefined && dataFolder !== null) return input
  return DATA_FILE_KEY.test(JSON.stringify(input)) ? { ...input, dataFolder: resolve(folder) } : input
}
