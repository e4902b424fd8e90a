import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FileLock, whileLocked } from './file-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

const built = new URL('../../dist/experiments/store/file-lock.js', import.meta.url).href

it('is had by one at a time in this process', async () => {
  const path = join(folder, 'one', 'lock')
  const [first, second] = await Promise.all([FileLock.take(path), FileLock.take(path)])
  expect([first, second].filter((lock) => lock === undefined)).toHaveLength(1)
  const lock = first ?? second
  lock?.release()
  const again = await FileLock.take(join(folder, 'one', '..', 'one', 'lock'))
  expect(again).toBeDefined()
  again?.release()
  expect(readdirSync(join(folder, 'one'))).toEqual(['lock'])
})

it('is given back by a process that is killed', async () => {
  const path = join(folder, 'two', 'lock')
  const script = `import { FileLock } from ${JSON.stringify(built)}
    await FileLock.take(${JSON.stringify(path)})
    console.log('taken')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  expect(await FileLock.take(path)).toBeUndefined()
  child.kill('SIGKILL')
  await exited
  const lock = await FileLock.take(path)
  expect(lock).toBeDefined()
  lock?.release()
})

it('lets those who work under it take turns, and is free after a failure', async () => {
  const path = join(folder, 'three', 'lock')
  const steps: string[] = []
  const work = (name: string) =>
    whileLocked(path, async () => {
      steps.push(`${name} begins`)
      await Promise.resolve()
      steps.push(`${name} ends`)
    })
  await Promise.all(['a', 'b', 'c'].map(work))
  for (let i = 0; i < steps.length; i += 2) expect(steps[i].replace('begins', 'ends')).toBe(steps[i + 1])
  await expect(whileLocked(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  await work('d')
  expect(steps).toHaveLength(8)
})
