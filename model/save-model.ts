import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { quote } from '../peer/protocol/ids.ts'
import { ModelFileError } from './errors.ts'
import { toLayersModelFiles } from './layers-model.ts'
import { describeCard } from './model-card-text.ts'
import type { ModelCard } from './model-card.ts'
import type { Mlp } from './mlp.ts'

/**
 * Writes a model folder: model.json and weights.bin in TensorFlow.js's layers-model format, card.json, README.md. The
 * folder appears whole or not at all; a model already there is replaced. Throws ModelFileError where something else is.
 */
export async function saveModel(modelDir: string, mlp: Mlp, card: ModelCard): Promise<void> {
  const target = resolve(modelDir)
  if (existsSync(target) && !existsSync(join(target, 'card.json')))
    throw new ModelFileError(
      `${quote(modelDir)} exists and is not a model folder (choose another, or remove it)`,
    )
  await mkdir(dirname(target), { recursive: true })
  const scratch = await mkdtemp(`${target}.tmp-`)
  try {
    const fresh = join(scratch, 'new')
    await mkdir(fresh)
    const { modelJson, weights } = await toLayersModelFiles(mlp)
    await writeFile(join(fresh, 'model.json'), modelJson)
    await writeFile(join(fresh, 'weights.bin'), weights)
    await writeFile(join(fresh, 'card.json'), `${JSON.stringify(card, undefined, 2)}\n`)
    await writeFile(join(fresh, 'README.md'), describeCard(card))
    if (existsSync(target)) await rename(target, join(scratch, 'old'))
    await rename(fresh, target)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
