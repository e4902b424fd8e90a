import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { makeFolder } from './make-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-folders-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('makes what is missing, however many ask at once', async () => {
  const deep = join(folder, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep)))
  expect(existsSync(deep)).toBe(true)
  await makeFolder(deep)
})

it('rejects where a file is in the way, or a link leads nowhere', async () => {
  writeFileSync(join(folder, 'file'), '')
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  for (const path of ['file', 'file/below', 'file/below/it'])
    await expect(makeFolder(join(folder, path))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeFolder(join(folder, 'link', 'x'))).rejects.toMatchObject({ code: 'EEXIST' })
})

it('comes to an end where the file system takes no folders', { timeout: 5_000 }, async () => {
  await expect(makeFolder('/proc/self/seedbed/below')).rejects.toMatchObject({ syscall: 'mkdir' })
})
