import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Config } from '../config/schema.ts'
import { DataFiles } from './data-files.ts'

/** SHA-256 of every data file that configs name, by its path from their data folder. Throws DataFileError. */
export function fingerprints(configs: Iterable<Config>): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const { dataFolder, accessClasses, network } of configs) {
    const folder = dataFolder ?? '.'
    const paths = accessClasses.flatMap(({ trace }) => trace?.files ?? [])
    if (network.rtt.kind === 'matrix') paths.push(network.rtt.file)
    for (const file of new DataFiles(folder).files(paths))
      hashes[relative(folder, file)] ??= createHash('sha256').update(readFileSync(file)).digest('hex')
  }
  return hashes
}
