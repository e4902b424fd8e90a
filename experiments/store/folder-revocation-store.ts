import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Revocation, RevocationStore } from '../../peer/ports/outcome-store.ts'
import { whileStoring } from './file-lock.ts'
import { ignoreMissing } from './folder-sync.ts'
import { writeDurably } from './live-parquet.ts'

const fileSchema = z.array(
  z.object({
    kind: z.enum(['jti', 'subject']),
    name: z.string(),
    revokedMs: z.number(),
    expiresMs: z.number().nullable(),
  }),
)

/** Revocations as a JSON file, which is replaced whole: readers need no lock. */
export class FolderRevocations implements RevocationStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async revoke(revocation: Revocation, beforeMs: number): Promise<void> {
    await this.#change((all) => [
      revocation,
      ...all.filter(
        (one) => !isNamed(one, revocation.kind, revocation.name) && !((one.expiresMs ?? Infinity) < beforeMs),
      ),
    ])
  }

  lift(kind: Revocation['kind'], name: string): Promise<boolean> {
    return this.#change((all) => all.filter((one) => !isNamed(one, kind, name)))
  }

  async revocations(): Promise<readonly Revocation[]> {
    const text = await readFile(this.#path, 'utf8').catch(ignoreMissing)
    return text === undefined ? [] : fileSchema.parse(JSON.parse(text))
  }

  /** Returns whether there are fewer afterwards. */
  #change(make: (all: readonly Revocation[]) => readonly Revocation[]): Promise<boolean> {
    return whileStoring(this.#folder, async () => {
      const before = await this.revocations()
      const after = make(before)
      await writeDurably(this.#path, (draft) => writeFile(draft, `${JSON.stringify(after)}\n`))
      return after.length < before.length
    })
  }

  get #path(): string {
    return join(this.#folder, 'revocations.json')
  }
}

const isNamed = (one: Revocation, kind: Revocation['kind'], name: string): boolean =>
  one.kind === kind && one.name === name
