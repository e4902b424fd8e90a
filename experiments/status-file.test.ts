import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runStatus } from './commands/peer-status.ts'
import { listPeers, MAX_PEERS, StatusFile, statusFolder } from './status-file.ts'

const progress = {
  ...{ role: 'get', name: 'film.bin', chunks: 10, haveChunks: 4 },
  ...{ downloadBps: 1_500_000, uploadBps: 0, neighbours: 2 },
}
const never = (error: Error): never => {
  throw error
}

describe('the status of running peers', () => {
  let home: string
  let folder: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'seedbed-status-'))
    folder = join(home, 'seedbed')
  })
  afterEach(() => rmSync(home, { recursive: true }))

  const write = (name: string, status: unknown): void => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), typeof status === 'string' ? status : JSON.stringify(status))
  }
  const statusOf = (pid: number) => ({ pid, startedMs: 1, updatedMs: Date.now(), address: 'x:1', progress })
  const print = async (json: boolean, columns?: number): Promise<string> => {
    let text = ''
    const out = { write: (part: string) => (text += part) }
    await runStatus(json, { out, err: { write: () => true } }, folder, columns)
    return text
  }

  it('lists what peers tell, until they go', async () => {
    const file = new StatusFile('127.0.0.1:4000', never, folder)
    file.write(progress)
    const [peer] = await listPeers(folder)
    expect(peer).toMatchObject({ pid: process.pid, address: '127.0.0.1:4000', state: 'running', progress })
    expect(JSON.parse(await print(true))).toEqual(peer)
    expect(await print(false)).toMatch(
      /pid .*address\n─.*\n *\d+ +get +film.bin +40 % +1.5 MB +0 B +2 +\S+ s +127.0.0.1:4000\n/,
    )
    for (const columns of [60, 50, 40])
      for (const line of (await print(false, columns)).split('\n'))
        expect(line.length).toBeLessThanOrEqual(columns)
    expect(await print(false, 60)).toMatch(/^ *pid +role +what +done +down\/s/)
    file.remove()
    file.write(progress)
    expect(await listPeers(folder)).toEqual([])
    expect(await print(false)).toBe('no peer is running (start one with: seedbed peer seed FILE)\n')
  })

  it('tells those that hang, and forgets those that were killed', async () => {
    const { pid } = spawnSync('true')
    write(`${pid}-00000000.json`, statusOf(pid))
    write(`${process.pid}-00000001.json`, { ...statusOf(process.pid), updatedMs: Date.now() - 60_000 })
    expect(await listPeers(folder)).toMatchObject([{ pid: process.pid, state: 'silent' }])
    expect(readdirSync(folder)).toEqual([`${process.pid}-00000001.json`])
  })

  it('lists a bounded number, and takes nothing else for a peer', async () => {
    for (let i = 0; i < MAX_PEERS + 10; i++)
      write(`${process.pid}-${String(i).padStart(8, '0')}.json`, statusOf(process.pid))
    expect(await listPeers(folder)).toHaveLength(MAX_PEERS)
    rmSync(folder, { recursive: true })
    write('notes.txt', 'mine')
    write(`${process.pid}-00000000.json`, '{')
    write(`${process.pid}-00000001.json`, { ...statusOf(process.pid), progress: { role: 'king' } })
    write(`${process.pid}-00000002.json`, `{"a":"${'x'.repeat(100_000)}"}`)
    write(`${process.pid}-00000003.json`, { ...statusOf(process.pid), pid: -1 })
    expect(await listPeers(folder)).toEqual([])
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })

  it('shows no name that moves the cursor', async () => {
    write(`${process.pid}-00000000.json`, {
      ...statusOf(process.pid),
      progress: { ...progress, name: `a\u001b[2Jb${'c'.repeat(50)}` },
    })
    const text = await print(false)
    expect(text).not.toContain('\u001b')
    expect(text).toContain(`a?[2Jb${'c'.repeat(25)}…`)
  })

  it('is told in a folder of this user alone', () => {
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    let failed = 0
    new StatusFile('x:1', () => failed++, folder).write(progress)
    const target = join(home, 'target')
    mkdirSync(target, { mode: 0o700 })
    const link = join(home, 'link')
    symlinkSync(target, link)
    new StatusFile('x:1', () => failed++, link).write(progress)
    expect([failed, readdirSync(folder), readdirSync(target)]).toEqual([2, [], []])
    expect(statusFolder({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/seedbed')
    expect(statusFolder({})).toMatch(/seedbed-\d+$/)
  })
})
