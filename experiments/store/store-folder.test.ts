import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runCli } from '../cli.testing.ts'
import { openLiveOutcomes } from './live-outcomes.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-places-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
writeFileSync(at('file'), '')
mkdirSync(at('photos'))
writeFileSync(join(at('photos'), 'a.jpg'), '')

const open = async (store: string, queueFolder?: string): Promise<void> => {
  const outcomes = await openLiveOutcomes({ store, role: 'tracker', queueFolder })
  await outcomes.close()
}

const PLACES: [string, RegExp][] = [
  ['/proc/seedbed', /E(NOENT|ACCES|PERM).* folder that this user can write, on a disk with room/],
  ['/proc/self/seedbed/store', /E(NOENT|ACCES|PERM)/],
  ['/dev/null', /not a folder/],
  ['/dev/null/below', /not a folder/],
  [at('file'), /not a folder/],
  [at('photos'), /holds other things, e\.g\. "a\.jpg" \(--store(-queue)? takes a folder of its own/],
]

it.each(PLACES)('a store or a queue can not be at %s, and that is told at once', async (path, why) => {
  for (const [store, queue, use] of [
    [path, at('queue'), 'store'],
    [at('store'), path, 'store queue'],
    ['mongodb://127.0.0.1:1/x', path, 'store queue'],
  ]) {
    const refused = open(store, queue)
    await expect(refused).rejects.toMatchObject({ code: 'E_STORE' })
    await expect(refused).rejects.toThrow(why)
    await expect(refused).rejects.toThrow(new RegExp(`^invalid ${use}: "`))
  }
  expect(readdirSync(at('photos'))).toEqual(['a.jpg'])
})

it('what was a store before is taken again, an empty folder too, whatever a disk puts there', async () => {
  mkdirSync(join(at('disk'), 'lost+found'), { recursive: true })
  writeFileSync(join(at('disk'), '.keep'), '')
  for (const [store, queue] of [['disk'], ['both', 'both'], ['first', 'second']])
    for (let times = 0; times < 2; times++) await open(at(store), queue && at(queue))
  writeFileSync(join(at('disk'), 'README'), '')
  await open(at('disk'))
})

it('the tracker says so at the terminal, a dry run too, and ends', { timeout: 20_000 }, async () => {
  for (const words of [
    ['--store', at('photos')],
    ['--store', '/proc/x'],
    ['--dry-run', '--store', at('photos')],
  ]) {
    const { status, stdout, stderr } = await runCli(['tracker', '--port', '0', '--no-udp', ...words])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^seedbed: invalid store: "/)
  }
})
