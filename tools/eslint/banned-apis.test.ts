import { describe, expect, it } from 'vitest'
import { lintText } from './lint-text.testing.ts'

const lint = (file: string, code: string) => lintText('seedbed/banned-apis', file, `${code}\n`)

describe.each(['peer/core', 'peer/protocol', 'tracker/core', 'sim'])('%s', (folder) => {
  it.each([
    ['export const now = Date.now()', 'Date.now', 'Clock port'],
    ['export const now = new Date()', 'Date', 'Clock port'],
    ['export const now = performance.now()', 'performance.now', 'Clock port'],
    ['export const now = globalThis.performance.now()', 'performance.now', 'Clock port'],
    ['export const r = Math.random()', 'Math.random', 'Random port'],
    ["export const r = Math['random']()", 'Math.random', 'Random port'],
    ['const { random } = Math\nexport { random }', 'Math.random', 'Random port'],
    ['export const f = (x: number) => Math.pow(x, 0.5)', 'Math.pow', 'powers.ts'],
    ['export const f = (x: number) => x ** 2', '**', 'powers.ts'],
    ['export const f = (x: number) => 2 ** x', '**', 'powers.ts'],
    ['export function f(x: number) {\n  x **= 3\n  return x\n}', '**', 'powers.ts'],
    ['export const id = crypto.randomUUID()', 'crypto.randomUUID', 'Random port'],
    ['crypto.getRandomValues(new Uint8Array(8))', 'crypto.getRandomValues', 'Random port'],
    ['setTimeout(() => {}, 1)', 'setTimeout', 'Clock port'],
    ['setInterval(() => {}, 1)', 'setInterval', 'Clock port'],
    ['setImmediate(() => {})', 'setImmediate', 'Clock port'],
    ['globalThis.setTimeout(() => {}, 1)', 'setTimeout', 'Clock port'],
    ['queueMicrotask(() => {})', 'queueMicrotask', 'Clock port'],
    ["export const home = process.env['HOME']", 'process.env', 'composition root'],
    ['Promise.resolve()', 'Promise.resolve', 'never awaits'],
    ['export type Later = Promise<void>', 'Promise', 'never awaits'],
    ['export const f = async () => {}', 'async', 'never awaits'],
    ['export async function f() {}', 'async', 'never awaits'],
    ['await f()\nexport function f() {}', 'await', 'never awaits'],
    ["export const page = fetch('http://localhost')", 'fetch', 'Network port'],
  ])('bans %s', async (code, api, wayOut) => {
    const messages = await lint(`${folder}/file.ts`, code)
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain(`${api} is banned here: use `)
    expect(messages[0]).toContain(wayOut)
  })

  it.each([
    'export const floor = Math.floor(1.5)',
    'export const most = 2 ** 32 - 1',
    'export function next(process: { step(): void }) {\n  process.step()\n}',
    'export const x = { setTimeout: 1, Date: 2 }.setTimeout',
    'const setTimeout = (ms: number) => ms\nexport const t = setTimeout(1)',
  ])('allows %s', async (code) => {
    expect(await lint(`${folder}/file.ts`, code)).toEqual([])
  })

  it('leaves tests alone', async () => {
    for (const kind of ['test', 'fuzz.test', 'bench']) {
      expect(await lint(`${folder}/file.${kind}.ts`, 'export const now = Date.now()')).toEqual([])
    }
  })
})

it('leaves the other folders alone', async () => {
  for (const folder of ['peer/live', 'tracker/live', 'model', 'experiments', 'reports', 'tools']) {
    expect(await lint(`${folder}/file.ts`, 'export const now = Date.now()'), folder).toEqual([])
  }
})
