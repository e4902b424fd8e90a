import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SeededRandom } from '../peer/ports/seeded-random.ts'
import { useBackend } from './backend.ts'
import { checkScorer } from './check-scorer.ts'
import { loadModel, openModel } from './load-model.ts'
import { initialMlp } from './mlp.ts'
import { cardOf } from './model-card.testing.ts'
import { modelVersion } from './model-version.ts'
import { createRanker } from './policies.ts'
import { saveModel } from './save-model.ts'
import { syntheticGroups } from './synthetic.ts'
import { fitInputs } from './inputs.ts'

const groups = syntheticGroups(20, 8, new SeededRandom('fit'))
const inputs = fitInputs(groups, 'peer')
const mlp = initialMlp([inputs.length, 8, 1], 'test')
const card = cardOf('small', inputs, mlp)

let folder: string
const dir = (name: string) => join(folder, name)

beforeAll(async () => {
  await useBackend('wasm', () => {})
  folder = mkdtempSync(join(tmpdir(), 'seedbed-models-'))
  await saveModel(dir('small'), mlp, card)
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** A copy of the model with one file changed. */
function damaged(name: string, file: string, change: (text: string) => string | Buffer): string {
  cpSync(dir('small'), dir(name), { recursive: true })
  const path = join(dir(name), file)
  writeFileSync(path, change(readFileSync(path, 'latin1')), 'latin1')
  return dir(name)
}

it('writes a folder that loads as it was, and nothing beside it', () => {
  expect(readdirSync(dir('small')).sort()).toEqual(['README.md', 'card.json', 'model.json', 'weights.bin'])
  expect(readdirSync(folder)).toEqual(['small'])
  const model = loadModel(dir('small'))
  expect(model.mlp).toEqual(mlp)
  expect(model.inputs).toEqual(inputs)
  expect(model.card).toEqual(card)
  expect(model.label).toBe(`small@${card.version}`)
})

it('describes the model for people', () => {
  const text = readFileSync(join(dir('small'), 'README.md'), 'utf8')
  expect(text).toContain(`# small@${card.version}`)
  expect(text).toContain('| loss | 1.235 |  | of the test split |')
  expect(text).toMatch(/\| goodput_bps \| byte\/s \| peer \| log1p \| [\d.]+ \| [\d.]+ \| {2}\|/)
  expect(text).toMatch(
    /\| rtt_ms \| ms \| peer, tracker, tracker-only \| log1p \| [\d.]+ \| [\d.]+ \| yes \|/,
  )
})

it('ranks as the policy "model", under the name that rows record', () => {
  const model = loadModel(dir('small'))
  const ranker = createRanker({ name: 'model' }, { random: new SeededRandom('r'), model })
  expect(ranker).toMatchObject({ name: 'model', version: model.label })
  const set = {
    place: 'peer',
    requesterId: 'r',
    count: 8,
    peerIds: [...'abcdefgh'],
    features: groups.features,
  } as const
  const { order, scores } = ranker.rank(set, 8)
  const expected = new Float64Array(8)
  model.scorer.score(groups.features, 8, expected)
  expect(scores).toEqual(Float32Array.from(expected))
  const ranked = Array.from(order, (i) => scores[i])
  expect(ranked).toEqual(ranked.toSorted((a, b) => b - a))
})

it('replaces a model, never anything else', async () => {
  await saveModel(dir('again'), mlp, card)
  await saveModel(dir('again'), mlp, { ...card, createdAt: '2025-01-01T00:00:00.000Z' })
  expect(loadModel(dir('again')).card.createdAt).toBe('2025-01-01T00:00:00.000Z')
  mkdirSync(dir('notes'))
  await expect(saveModel(dir('notes'), mlp, card)).rejects.toThrow('exists and is not a model folder')
  expect(existsSync(join(dir('notes'), 'model.json'))).toBe(false)
})

it('says what is wrong with a folder', () => {
  expect(() => loadModel(dir('none'))).toThrow(
    /none" is not a model folder: card.json can't be read \(seedbed train/,
  )
  expect(() => loadModel(damaged('cut', 'weights.bin', (text) => text.slice(4)))).toThrow(
    /weights.bin": \d+ bytes \(model.json describes \d+\)/,
  )
  expect(() => loadModel(damaged('edited', 'weights.bin', (text) => `\u0001${text.slice(1)}`))).toThrow(
    /its content hash is [0-9a-f]{12}, card.json says/,
  )
  const notFinite = Buffer.alloc(4)
  notFinite.writeFloatLE(NaN)
  expect(() =>
    loadModel(damaged('nan', 'weights.bin', (text) => notFinite.toString('latin1') + text.slice(4))),
  ).toThrow('holds values that are not finite')
  expect(() => loadModel(damaged('text', 'card.json', () => 'hello'))).toThrow(/card.json": not JSON/)
  expect(() =>
    loadModel(
      damaged('old', 'card.json', (text) => text.replace('"schemaVersion": 2', '"schemaVersion": 1')),
    ),
  ).toThrow(/schemaVersion/)
  expect(() => loadModel(damaged('tanh', 'model.json', (text) => text.replace('"relu"', '"tanh"')))).toThrow(
    /model.json":\n[^]*activation/,
  )
  expect(() =>
    loadModel(damaged('linear', 'model.json', (text) => text.replace('"relu"', '"linear"'))),
  ).toThrow('not a ranker (dense relu layers, then one linear output)')
})

it('says how to go on where features have changed', () => {
  const renamed = damaged('renamed', 'card.json', (text) => text.replaceAll('"queued_uploads"', '"queue"'))
  expect(() => loadModel(renamed)).toThrow(
    /was trained on feature "queue", which this version does not have \(train it again: seedbed train RUN… -o .*renamed\)/,
  )
  const redefined = damaged('redefined', 'card.json', (text) => text.replace('"unit": "ms"', '"unit": "s"'))
  expect(() => loadModel(redefined)).toThrow(/feature "rtt_ms", which this version defines otherwise/)
})

it('reads a model from memory as from its folder, and finds one whose scores overflow', async () => {
  await saveModel(dir('whole'), mlp, card)
  const files = new Map(
    ['card.json', 'model.json', 'weights.bin'].map((name) => [name, readFileSync(join(dir('whole'), name))]),
  )
  const opened = openModel(files, 'an upload')
  expect(opened.label).toBe(loadModel(dir('whole')).label)
  expect(() => checkScorer(opened)).not.toThrow()
  expect(() => openModel(new Map(), 'an upload')).toThrow(/"an upload" is not a model folder: card.json/)
  const huge = { ...mlp, kernels: mlp.kernels.map((kernel) => kernel.map(() => 3e38)) }
  await saveModel(dir('huge'), huge, { ...card, version: modelVersion(inputs, huge) })
  expect(() => checkScorer(loadModel(dir('huge')))).toThrow(/the kernel scores/)
})
