import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Activation, ModelStore, StoredModel } from '../../peer/ports/outcome-store.ts'
import { whileStoring } from './file-lock.ts'
import { ignoreMissing, syncPath } from './folder-sync.ts'
import { writeDurably } from './live-parquet.ts'
import { checkModel, isModelLabel, MOST_ACTIVATIONS } from './stored-model.ts'

const activationsSchema = z.array(
  z.object({ atMs: z.number(), slot: z.string(), policy: z.string(), model: z.string() }),
)

/** Models as folders NAME@VERSION, which `--model` takes too, and the switches between them as a JSON file. */
export class FolderModels implements ModelStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  putModel(model: StoredModel): Promise<void> {
    checkModel(model)
    return this.#alone(async () => {
      const scratch = await mkdtemp(join(this.#folder, '.draft-'))
      try {
        const fresh = join(scratch, 'new')
        await mkdir(fresh)
        for (const [name, data] of model.files) {
          await writeFile(join(fresh, name), data)
          await syncPath(join(fresh, name))
        }
        await syncPath(fresh)
        await utimes(fresh, model.savedMs / 1000, model.savedMs / 1000)
        const target = join(this.#folder, model.label)
        await rename(target, join(scratch, 'old')).catch(ignoreMissing)
        await rename(fresh, target)
        await syncPath(this.#folder)
      } finally {
        await rm(scratch, { recursive: true })
      }
    })
  }

  async model(label: string): Promise<StoredModel | undefined> {
    if (!isModelLabel(label)) return undefined
    return this.#alone(async () => {
      const folder = join(this.#folder, label)
      const names = await readdir(folder).catch(ignoreMissing)
      if (!names) return undefined
      const files = new Map<string, Uint8Array>()
      for (const name of names) files.set(name, await readFile(join(folder, name)))
      return { label, savedMs: await savedMsOf(folder), files }
    })
  }

  async models(): Promise<readonly Omit<StoredModel, 'files'>[]> {
    return this.#alone(async () => {
      const labels = (await readdir(this.#folder)).filter(isModelLabel)
      const models = await Promise.all(
        labels.map(async (label) => ({ label, savedMs: await savedMsOf(join(this.#folder, label)) })),
      )
      return models.sort((a, b) => b.savedMs - a.savedMs)
    })
  }

  async removeModel(label: string): Promise<boolean> {
    if (!isModelLabel(label)) return false
    return this.#alone(async () => {
      const scratch = await mkdtemp(join(this.#folder, '.draft-'))
      try {
        const isThere = await rename(join(this.#folder, label), join(scratch, 'old')).then(
          () => true,
          ignoreMissing,
        )
        return isThere ?? false
      } finally {
        await rm(scratch, { recursive: true })
      }
    })
  }

  activated(activation: Activation): Promise<void> {
    return this.#alone(async () => {
      const kept = [activation, ...(await this.#readActivations())].slice(0, MOST_ACTIVATIONS)
      await writeDurably(this.#activationsPath, (draft) => writeFile(draft, `${JSON.stringify(kept)}\n`))
    })
  }

  activations(limit: number): Promise<readonly Activation[]> {
    return this.#alone(async () => (await this.#readActivations()).slice(0, limit))
  }

  get #activationsPath(): string {
    return join(this.#folder, 'activations.json')
  }

  async #readActivations(): Promise<Activation[]> {
    const text = await readFile(this.#activationsPath, 'utf8').catch(ignoreMissing)
    return text === undefined ? [] : activationsSchema.parse(JSON.parse(text))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return whileStoring(this.#folder, work)
  }
}

const savedMsOf = async (folder: string): Promise<number> => Math.round((await stat(folder)).mtimeMs)
