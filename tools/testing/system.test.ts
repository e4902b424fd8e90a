import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findSystem, requireSystem } from './system.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seedbed-system-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const surroundings = (ci = false) => ({ searchPath: `:${join(root, 'empty')}:${root}`, root, ci })

function recordingContext() {
  const notes: (string | undefined)[] = []
  const task = { meta: {} as { missing?: string } }
  const skip = (note?: string) => {
    notes.push(note)
    throw new Error('skipped')
  }
  return { notes, task, context: { task, skip } as unknown as TestContext }
}

it('finds a program on the search path by any of its names', () => {
  expect(findSystem('chromium', surroundings())).toBeUndefined()
  mkdirSync(join(root, 'chromium'))
  const file = join(root, 'google-chrome')
  writeFileSync(file, '')
  expect(findSystem('chromium', surroundings())).toBeUndefined()
  chmodSync(file, 0o755)
  expect(findSystem('chromium', surroundings())).toBe(file)
})

it('finds a file inside the project', () => {
  expect(findSystem('tfjs-node', surroundings())).toBeUndefined()
  const folder = join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tfjs_binding.node'), '')
  expect(findSystem('tfjs-node', surroundings())).toBe(join(folder, 'tfjs_binding.node'))
})

it('skips with one line that says what is missing and how to get it', () => {
  const { context, notes, task } = recordingContext()
  expect(() => requireSystem('chromium', context, surroundings())).toThrow('skipped')
  const line = 'chromium is missing: npm run setup:system -- chromium installs it'
  expect(notes).toEqual([line])
  expect(task.meta.missing).toBe(line)
})

it('skips even with CI=true where nothing could install what is missing', () => {
  const { context, task } = recordingContext()
  expect(() => requireSystem('latency-matrices', context, surroundings(true))).toThrow('skipped')
  expect(task.meta).toMatchObject({ excused: true })
})

it('fails instead of skipping with CI=true', () => {
  const { context, notes } = recordingContext()
  expect(() => requireSystem('chromium', context, surroundings(true))).toThrow(
    /^chromium is missing: .* CI=true/,
  )
  expect(notes).toEqual([])
})
