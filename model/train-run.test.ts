import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FEATURE_COUNT } from '../peer/protocol/features.ts'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { modelReportSchema } from '../reports/schema.ts'
import { requireSystem } from '../tools/testing/system.ts'
import type { BackendName } from './backend.ts'
import { useBackend } from './backend.ts'
import { loadModel } from './load-model.ts'
import { simulatedOutcomes, writeOutcomes } from './outcomes.testing.ts'
import { syntheticGroups } from './synthetic.ts'
import type { TrainingRequest } from './train-run.ts'
import { trainFromRuns } from './train-run.ts'
import { InputTransform } from './transform.ts'

let folder: string
let parquetPath: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-train-'))
  parquetPath = join(folder, 'outcomes.parquet')
  const fetches = simulatedOutcomes(6, 40, 32, new SeededRandom('outcomes'))
  // A tracker saw the same a moment before.
  const decisions = fetches.map((row) => ({ ...row, place: 'tracker', result: 'listed' }))
  await writeOutcomes(parquetPath, [...decisions, ...fetches])
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const options = { hidden: [16, 8], learningRate: 0.01, batchGroups: 16, maxEpochs: 12 }

async function train(name: string, more: Partial<TrainingRequest> = {}) {
  const request = { parquetPaths: [parquetPath], outDir: join(folder, name), name, seed: 'seed', options }
  return trainFromRuns({ ...request, ...more })
}

it('learns from recorded outcomes what matters, and beats the rules on swarms it never saw', async () => {
  const epochs: number[] = []
  const { modelDir, report } = await train('ranker', { onProgress: ({ epoch }) => epochs.push(epoch) })
  expect(modelReportSchema.parse(report)).toEqual(report)
  expect(epochs.length).toBe(report.curve.length)
  expect(report).toMatchObject({ name: 'ranker', backend: 'wasm', seed: 'seed' })
  expect(report.rows.train).toBe(4 * 40 * 32)
  for (const { name, value, baseline } of report.testMetrics) {
    if (name === 'loss') expect(value).toBeLessThan(baseline!)
    else expect(value, name).toBeGreaterThan(baseline!)
  }
  expect(report.importance[0]).toMatchObject({ feature: 'queued_uploads' })
  expect(
    report.importance
      .slice(1, 3)
      .map(({ feature }) => feature)
      .sort(),
  ).toEqual(['goodput_bps', 'rtt_ms'])
  const model = loadModel(modelDir)
  expect(model.card.report).toEqual(report)
  expect(model.card.data.sources).toEqual([parquetPath])
  expect(model.label).toBe(`ranker@${report.version}`)
})

it('trains the same ranker from the same seed, and another from another', async () => {
  const few = { options: { ...options, maxEpochs: 2 } }
  const [first, again, other] = [
    await train('first', few),
    await train('again', few),
    await train('other', { ...few, seed: 'x' }),
  ]
  expect(again.report.version).toBe(first.report.version)
  expect(other.report.version).not.toBe(first.report.version)
})

it('uses only what a tracker observes where asked', async () => {
  const settings = { ...options, maxEpochs: 1, observable: 'tracker-only' } as const
  const { modelDir } = await train('for-trackers', { options: settings, sources: ['a run'] })
  expect(loadModel(modelDir).card.data.sources).toEqual(['a run'])
  const names = loadModel(modelDir).inputs.map(({ feature }) => feature)
  expect(names).toEqual(['rtt_ms'])
})

it('writes nothing when it can not train', async () => {
  await expect(train('bad', { options: { hidden: [0] } })).rejects.toThrow(
    /^invalid training options:\n[^]*hidden\[0\]/,
  )
  await expect(train('bad name')).rejects.toThrow('invalid model name: "bad name"')
  await expect(train('bad', { parquetPaths: [] })).rejects.toThrow('no outcome files')
  expect(existsSync(join(folder, 'bad'))).toBe(false)
})

it.for([
  ['wasm', 'tensorflow'],
  ['tensorflow', 'wasm'],
] as const)('trained on %s, loads and scores alike on %s', async ([trainedOn, loadedOn], context) => {
  requireSystem('tfjs-node', context)
  const { modelDir } = await train(`from-${trainedOn}`, {
    backend: trainedOn,
    options: { ...options, maxEpochs: 2 },
  })
  const { scorer, inputs } = loadModel(modelDir)
  const { features } = syntheticGroups(8, 4, new SeededRandom('candidates'))
  const count = features.length / FEATURE_COUNT
  const scores = new Float64Array(count)
  scorer.score(features, count, scores)
  const scaled = new Float32Array(count * inputs.length)
  new InputTransform(inputs).write(features, 0, count, scaled)
  const expected = await scoreOn(loadedOn, modelDir, tf.util.toNestedArray([count, inputs.length], scaled))
  expected.forEach((score, i) => expect(Math.abs(score - scores[i])).toBeLessThan(1e-5))
})

/** Scores of TensorFlow.js's own reader of model folders, on the given backend. */
async function scoreOn(backend: BackendName, modelDir: string, rows: unknown): Promise<number[]> {
  await useBackend(backend, () => {})
  const model = await tf.loadLayersModel(
    backend === 'tensorflow' ? pathToFileURL(join(modelDir, 'model.json')).href : readFrom(modelDir),
  )
  expect(tf.getBackend()).toBe(backend)
  const scores = tf.tidy(() => (model.predict(tf.tensor2d(rows as number[][])) as tf.Tensor).dataSync())
  model.dispose()
  return Array.from(scores)
}

/** What `file://` is without tfjs-node. */
function readFrom(modelDir: string): tf.io.IOHandler {
  const modelJson = JSON.parse(readFileSync(join(modelDir, 'model.json'), 'utf8')) as tf.io.ModelJSON
  const weights = new Uint8Array(readFileSync(join(modelDir, 'weights.bin')))
  return tf.io.fromMemory({
    modelTopology: modelJson.modelTopology,
    weightSpecs: modelJson.weightsManifest[0].weights,
    weightData: weights.buffer,
  } as tf.io.ModelArtifacts)
}
