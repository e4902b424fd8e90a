import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RunFolderError } from './errors.ts'
import { MANIFEST_FORMAT } from './manifest.ts'
import { isRunFolder, RunFolderDraft } from './run-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seedbed-run-folder-'))
})
afterEach(() => rmSync(root, { recursive: true }))

async function writeRun(text: string): Promise<RunFolderDraft> {
  const folder = await RunFolderDraft.open(join(root, 'runs', 'mine'))
  await folder.write('manifest.json', JSON.stringify({ format: MANIFEST_FORMAT }))
  await folder.write('report.html', text)
  writeFileSync(join(folder.scratch, 'part'), 'part')
  return folder
}

const reportOf = (name = 'mine'): string => readFileSync(join(root, 'runs', name, 'report.html'), 'utf8')
const names = (): string[] => readdirSync(join(root, 'runs')).sort()

/** The process id of a process that is gone. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid

it('takes its name only when it is whole', async () => {
  const folder = await writeRun('first')
  expect(existsSync(folder.path)).toBe(false)
  await folder.commit()
  expect(names()).toEqual(['mine'])
  expect(readdirSync(folder.path).sort()).toEqual(['manifest.json', 'report.html'])
  expect(await isRunFolder(folder.path)).toBe(true)
})

it('replaces a run only when the new one is whole', async () => {
  await (await writeRun('first')).commit()
  const second = await writeRun('second')
  expect(reportOf()).toBe('first')
  await second.commit()
  expect(reportOf()).toBe('second')
  expect(names()).toEqual(['mine'])
})

it('leaves the run that was there where the new one is given up', async () => {
  await (await writeRun('first')).commit()
  await (await writeRun('second')).discard()
  expect(reportOf()).toBe('first')
  expect(names()).toEqual(['mine'])
})

it('takes an empty folder, and refuses what is no run folder', async () => {
  mkdirSync(join(root, 'runs', 'mine'), { recursive: true })
  await (await writeRun('first')).commit()
  expect(reportOf()).toBe('first')
  mkdirSync(join(root, 'precious'))
  writeFileSync(join(root, 'precious', 'thesis.tex'), 'x')
  await expect(RunFolderDraft.open(join(root, 'precious'))).rejects.toThrow(RunFolderError)
  await expect(RunFolderDraft.open(join(root, 'precious', 'thesis.tex'))).rejects.toThrow(
    /holds something else/,
  )
  expect(readdirSync(join(root, 'precious'))).toEqual(['thesis.tex'])
})

it('removes the draft of a process that is gone', async () => {
  const stale = join(root, 'runs', `.mine.tmp-${deadPid()}`)
  mkdirSync(stale, { recursive: true })
  writeFileSync(join(stale, 'report.html'), 'half')
  await (await writeRun('first')).commit()
  expect(names()).toEqual(['mine'])
})

it('puts back a run that a process moved aside before it was gone', async () => {
  const folder = await writeRun('first')
  await folder.commit()
  renameSync(folder.path, join(root, 'runs', `.mine.old-${deadPid()}`))
  await (await writeRun('second')).discard()
  expect(reportOf()).toBe('first')
  expect(names()).toEqual(['mine'])
})

it('leaves alone the draft of a process that lives', async () => {
  const other = join(root, 'runs', `.mine.tmp-${process.ppid}`)
  mkdirSync(other, { recursive: true })
  await (await writeRun('first')).commit()
  expect(existsSync(other)).toBe(true)
})
