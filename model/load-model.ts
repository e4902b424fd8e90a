import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { FeatureName } from '../peer/protocol/features.ts'
import { FEATURES } from '../peer/protocol/features.ts'
import { quote } from '../peer/protocol/ids.ts'
import { ModelFileError } from './errors.ts'
import type { Mlp } from './mlp.ts'
import type { ModelCard } from './model-card.ts'
import { modelCardSchema } from './model-card.ts'
import { modelLabel, modelVersion } from './model-version.ts'
import type { RankingModel } from './policy-model.ts'
import { ModelScorer } from './scorer.ts'
import type { InputDefinition } from './inputs.ts'

/** A model folder, checked and ready to rank. */
export interface LoadedModel extends RankingModel {
  readonly card: ModelCard
  readonly inputs: readonly InputDefinition[]
  readonly mlp: Mlp
}

const MODEL_FILES = ['card.json', 'model.json', 'weights.bin']

/** Largest file of a model that is read, bytes. */
export const MAX_MODEL_FILE_BYTES = 16 * 1024 * 1024

/** Where the files of a model are. */
interface ModelSource {
  /** The folder, or what messages call it. */
  readonly where: string
  read(file: string): Uint8Array | undefined
}

const width = z.int().min(1).max(512)

const modelJsonSchema = z.object({
  modelTopology: z.object({
    class_name: z.literal('Sequential'),
    config: z.object({
      layers: z
        .array(
          z.object({
            class_name: z.literal('Dense'),
            config: z.object({
              units: width,
              activation: z.enum(['relu', 'linear']),
              use_bias: z.literal(true),
            }),
          }),
        )
        .min(1)
        .max(8),
    }),
  }),
  weightsManifest: z.tuple([
    z.object({
      paths: z.tuple([z.literal('weights.bin')]),
      weights: z.array(
        z.object({ name: z.string(), shape: z.array(width).min(1).max(2), dtype: z.literal('float32') }),
      ),
    }),
  ]),
})

/**
 * Reads a model folder without TensorFlow.js. Load once a process and share: all rankers score in one WebAssembly
 * instance. Throws ModelFileError where a file is missing or not valid, the files don't fit each other, or the model
 * was trained on features that this version defines otherwise.
 */
export const loadModel = (modelDir: string): LoadedModel => openModel(readModelFiles(modelDir), modelDir)

/** The files of a model folder that are there, by name. Throws ModelFileError where one is too large. */
export function readModelFiles(modelDir: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const name of MODEL_FILES) {
    const data = readFile(modelDir, name)
    if (data) files.set(name, data)
  }
  return files
}

/** The same of files in memory, by name; `where` names them in messages. */
export const openModel = (files: ReadonlyMap<string, Uint8Array>, where: string): LoadedModel =>
  open({ where, read: (file) => files.get(file) })

function open(source: ModelSource): LoadedModel {
  const modelDir = source.where
  const card = parse(source, 'card.json', modelCardSchema)
  const inputs = checkInputs(modelDir, card)
  const mlp = readMlp(source)
  if (mlp.sizes[0] !== inputs.length)
    throw new ModelFileError(
      `invalid model ${quote(modelDir)}: model.json takes ${mlp.sizes[0]} inputs, card.json lists ${inputs.length}`,
    )
  const version = modelVersion(inputs, mlp)
  if (version !== card.version)
    throw new ModelFileError(
      `invalid model ${quote(modelDir)}: its content hash is ${version}, card.json says ${quote(card.version)} (a file was changed; copy the folder again or train anew)`,
    )
  return { card, inputs, mlp, label: modelLabel(card.name, version), scorer: new ModelScorer(inputs, mlp) }
}

function readMlp(source: ModelSource): Mlp {
  const { modelTopology, weightsManifest } = parse(source, 'model.json', modelJsonSchema)
  const { layers } = modelTopology.config
  const shapes = weightsManifest[0].weights.map(({ shape }) => shape)
  const sizes = [shapes[0]?.[0] ?? 0, ...layers.map(({ config }) => config.units)]
  const isRanker =
    sizes[sizes.length - 1] === 1 &&
    layers.every(({ config }, i) => config.activation === (i + 1 < layers.length ? 'relu' : 'linear'))
  const expected = layers.flatMap((_, i) => [[sizes[i], sizes[i + 1]], [sizes[i + 1]]])
  if (!isRanker || JSON.stringify(shapes) !== JSON.stringify(expected))
    throw new ModelFileError(
      `invalid ${quote(join(source.where, 'model.json'))}: not a ranker (dense relu layers, then one linear output)`,
    )
  const weights = toFloats(
    source,
    expected.reduce((sum, shape) => sum + count(shape), 0),
  )
  let at = 0
  const take = (length: number) => weights.slice(at, (at += length))
  const kernels: Float32Array[] = []
  const biases: Float32Array[] = []
  expected.forEach((shape, i) => (i % 2 === 0 ? kernels : biases).push(take(count(shape))))
  return { sizes, kernels, biases }
}

const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

function toFloats(source: ModelSource, length: number): Float32Array {
  const bytes = read(source, 'weights.bin')
  const path = quote(join(source.where, 'weights.bin'))
  if (bytes.length !== length * 4)
    throw new ModelFileError(`invalid ${path}: ${bytes.length} bytes (model.json describes ${length * 4})`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const floats = Float32Array.from({ length }, (_, i) => view.getFloat32(i * 4, true))
  if (!floats.every(Number.isFinite))
    throw new ModelFileError(`invalid ${path}: holds values that are not finite`)
  return floats
}

function checkInputs(modelDir: string, card: ModelCard): InputDefinition[] {
  return card.inputs.map((input) => {
    const then = card.features.find(({ name }) => name === input.feature)
    const now = FEATURES.find(({ name }) => name === input.feature)
    const isSame = now !== undefined && then?.unit === now.unit && then.transform === now.transform
    if (!isSame || (input.kind === 'value' && input.transform !== now.transform))
      throw new ModelFileError(
        `model ${quote(modelDir)} was trained on feature ${quote(input.feature)}, which this version ${now ? 'defines otherwise' : 'does not have'} (train it again: seedbed train RUN… -o ${modelDir})`,
      )
    return { ...input, feature: input.feature as FeatureName }
  })
}

function parse<T>(source: ModelSource, file: string, schema: z.ZodType<T>): T {
  const path = quote(join(source.where, file))
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(read(source, file)).toString('utf8'))
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause
    throw new ModelFileError(`invalid ${path}: not JSON (${(cause as Error).message})`, { cause })
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  throw new ModelFileError(`invalid ${path}:\n${z.prettifyError(result.error)}`)
}

function read(source: ModelSource, file: string): Uint8Array {
  const bytes = source.read(file)
  if (bytes) return bytes
  throw new ModelFileError(
    `${quote(source.where)} is not a model folder: ${file} can't be read (seedbed train RUN… -o ${source.where} makes one)`,
  )
}

function readFile(modelDir: string, file: string): Uint8Array | undefined {
  const path = join(modelDir, file)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) return undefined
  if (stats.size > MAX_MODEL_FILE_BYTES)
    throw new ModelFileError(`invalid ${quote(path)}: ${stats.size} bytes (at most ${MAX_MODEL_FILE_BYTES})`)
  return readFileSync(path)
}
