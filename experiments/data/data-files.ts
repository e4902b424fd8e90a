import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CapacityTrace } from '../../sim/capacity-trace.ts'
import { completeMatrix } from '../../sim/latency-matrix.ts'
import { DataFileError } from './errors.ts'
import { type LatencyUnit, parseLatencyMatrix } from './latency-matrix.ts'
import { type ThroughputUnit, parseTrace } from './trace-text.ts'

export const MOST_FILES = 10_000
const MOST_BYTES = 64 * 2 ** 20

/** Each file is read once, as long as it stays the same: every run of an experiment asks for it. */
const cache = new Map<string, unknown>()

/** Measured data that a config names, read from files. All throw DataFileError. */
export class DataFiles {
  readonly #folder: string

  /** `folder`: what paths start from. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Capacity traces; a path may name a folder, which stands for all its files in the order of their names. */
  traces(paths: readonly string[], unit: ThroughputUnit): CapacityTrace[] {
    return this.files(paths).map((file) => read(file, unit, (text) => parseTrace(text, file, unit)))
  }

  /** The files that paths stand for. */
  files(paths: readonly string[]): string[] {
    const files = paths.flatMap((path) => filesAt(resolve(this.#folder, path), path))
    if (files.length > MOST_FILES)
      throw new DataFileError(paths.join(', '), `${files.length} files (at most ${MOST_FILES} expected)`)
    return files
  }

  /** A complete matrix of round-trip times in milliseconds. */
  matrix(path: string, unit: LatencyUnit): number[][] {
    const file = resolve(this.#folder, path)
    return read(file, unit, (text) => completeMatrix(parseLatencyMatrix(text, file, unit)))
  }
}

function filesAt(file: string, path: string): string[] {
  if (!statOf(file).isDirectory()) return [file]
  const names = readdirSync(file, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
  if (names.length === 0) throw new DataFileError(path, 'a folder without files (one at least expected)')
  return names.map((name) => join(file, name))
}

function read<T>(file: string, unit: string, parse: (text: string) => T): T {
  const { size, mtimeMs } = statOf(file)
  if (size > MOST_BYTES) throw new DataFileError(file, `${size} bytes (at most ${MOST_BYTES} expected)`)
  const key = [file, unit, size, mtimeMs].join('|')
  if (!cache.has(key)) cache.set(key, parse(readFileSync(file, 'utf8')))
  return cache.get(key) as T
}

function statOf(file: string) {
  try {
    return statSync(file)
  } catch (error) {
    throw new DataFileError(file, `cannot be read: ${(error as Error).message}`)
  }
}
