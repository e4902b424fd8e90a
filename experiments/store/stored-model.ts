import { quote } from '../../peer/protocol/ids.ts'
import type { StoredModel } from '../../peer/ports/outcome-store.ts'
import { InvalidStoreError } from './errors.ts'

/** What a label looks like: letters that mean nothing to a file system or a database. */
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}@[A-Za-z0-9._-]{1,31}$/
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const MOST_FILES = 16
/** All files together: they fit one document of MongoDB. */
const MOST_BYTES = 12 * 1024 * 1024

export const isModelLabel = (label: string): boolean => LABEL.test(label)

/** Throws InvalidStoreError where a model can't be kept. */
export function checkModel({ label, files }: StoredModel): void {
  if (!isModelLabel(label))
    throw new InvalidStoreError(`invalid model label: ${quote(label)} (NAME@VERSION expected)`)
  if (files.size === 0 || files.size > MOST_FILES)
    throw new InvalidStoreError(`invalid model ${label}: ${files.size} files (1 to ${MOST_FILES})`)
  for (const name of files.keys())
    if (!FILE.test(name))
      throw new InvalidStoreError(
        `invalid file name in model ${label}: ${quote(name)} (letters, digits, dots, hyphens and underscores)`,
      )
  const bytes = [...files.values()].reduce((sum, data) => sum + data.byteLength, 0)
  if (bytes > MOST_BYTES)
    throw new InvalidStoreError(`invalid model ${label}: ${bytes} bytes (at most ${MOST_BYTES})`)
}

/** Switches that a store remembers, at most. */
export const MOST_ACTIVATIONS = 1000
