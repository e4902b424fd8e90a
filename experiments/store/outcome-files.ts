import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** One Parquet file of a store: it holds what the inserts `from` to `to` brought. */
export interface OutcomeFile {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly bytes: number
}

export interface OutcomeFiles {
  /** What the store holds, in order. */
  readonly live: readonly OutcomeFile[]
  /** Files whose rows are in a merged one too: a crash kept them from being removed. */
  readonly superseded: readonly OutcomeFile[]
  /** Number of the next insert. */
  readonly next: number
}

const NAME = /^(\d{8,})-(\d{8,})\.parquet$/

const digits = (number: number): string => String(number).padStart(8, '0')

/** A file's name tells which inserts it holds, so that a merged file and its parts are never both read. */
export const outcomeFileName = (from: number, to = from): string => `${digits(from)}-${digits(to)}.parquet`

export async function listOutcomeFiles(folder: string): Promise<OutcomeFiles> {
  const files: OutcomeFile[] = []
  for (const name of await readdir(folder)) {
    const [, from, to] = NAME.exec(name) ?? []
    if (from === undefined) continue
    const path = join(folder, name)
    files.push({ path, from: Number(from), to: Number(to), bytes: (await stat(path)).size })
  }
  // The wider of two that begin together comes first.
  files.sort((a, b) => a.from - b.from || b.to - a.to)
  const live: OutcomeFile[] = []
  const superseded: OutcomeFile[] = []
  let last = 0
  for (const file of files)
    if (file.to <= last) superseded.push(file)
    else {
      live.push(file)
      last = file.to
    }
  return { live, superseded, next: last + 1 }
}

/** The files at the end that are small and many enough to become one. */
export function mergeable(
  live: readonly OutcomeFile[],
  mergeFiles: number,
  mergeBytes: number,
): readonly OutcomeFile[] {
  let from = live.length
  while (from > 0 && live[from - 1].bytes < mergeBytes) from--
  return live.length - from >= mergeFiles ? live.slice(from) : []
}
