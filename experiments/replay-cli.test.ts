import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './cli.testing.ts'
import type { RunManifest } from './manifest.ts'

const root = mkdtempSync(join(tmpdir(), 'seedbed-replay-'))
afterAll(() => rmSync(root, { recursive: true }))
const run = (...words: string[]) => runCli(words, root)
const manifestPath = join(root, 'runs/one/manifest.json')

describe('seedbed replay', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    expect((await run('run', 'smoke', '--workers', '1', '--out', 'runs/one')).status).toBe(0)
  }, 120_000)

  it.each(['model', 'collect:random'])('of %s gives the outcomes that the run folder has', async (cell) => {
    const { status, stdout, stderr } = await run('replay', 'runs/one', '--cell', cell, '--kind', 'fetch-end')
    const { runHashes } = JSON.parse(readFileSync(manifestPath, 'utf8')) as RunManifest
    const { hash } = runHashes!.find(({ runId }) => runId === `${cell}/0`)!
    expect(stderr).toContain(`outcomes hash ${hash}, as recorded`)
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => line.includes('result=ok'))).toHaveLength(16 * 16)
    expect(lines[0]).toMatch(/^ +\d+\.\d{6} peer-\d+ +fetch-end +result=ok chunk=\d+ from=\S+ attempt=1/)
  })

  it('prints one node, from one time until another', async () => {
    const words = ['--cell', 'random', '--node', 'peer-3', '--from', '5s', '--until', '9s']
    const { stdout, stderr } = await run('replay', 'runs/one', ...words)
    const times = stdout
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.slice(0, 12)))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(5)
    expect(Math.max(...times)).toBeLessThan(9)
    expect(stdout.match(/^ +\S+ peer-3 /gm)).toHaveLength(times.length)
    expect(stderr).toContain('outcomes not compared: the replay was stopped (leave --until out)')
  })

  it('records traces that diff-trace compares', async () => {
    for (const cell of ['random', 'oracle'])
      expect((await run('replay', 'runs/one', '--cell', cell, '--out', `${cell}.gz`)).stdout).toBe(
        `${cell}.gz\n`,
      )
    const same = await run('diff-trace', 'random.gz', 'random.gz')
    expect(same).toMatchObject({ status: 0, stderr: '' })
    expect(same.stdout).toMatch(/^the same: \d+ events\n$/)
    const different = await run('diff-trace', 'random.gz', 'oracle.gz', '--context', '1')
    expect(different.status).toBe(1)
    expect(different.stdout).toMatch(
      /^different from simulated second 0 on, at event \d+\nnote: .*\n.*\nA > .*\nB > /,
    )
  })

  it('fails where the outcomes are others than recorded', async () => {
    const manifest = readFileSync(manifestPath, 'utf8')
    try {
      const { runHashes } = JSON.parse(manifest) as RunManifest
      writeFileSync(manifestPath, manifest.replaceAll(runHashes![0].hash, '0'.repeat(64)))
      const { status, stderr } = await run(
        'replay',
        'runs/one',
        '--cell',
        'collect:random',
        '--kind',
        'arrive',
      )
      expect(stderr).toMatch(/collect:random\/0 gave outcomes hash \w+, recorded is 0{64} \(.*\)/)
      expect(status).toBe(1)
    } finally {
      writeFileSync(manifestPath, manifest)
    }
  })

  it('replays a config that was never run', async () => {
    const words = ['replay', 'smoke', '--cell', 'random', '--set', 'swarm.peers=2', '--kind', 'arrive']
    const { status, stdout, stderr } = await run(...words)
    expect(status).toBe(0)
    expect(stdout.match(/ peer-/g)).toHaveLength(2)
    expect(stderr).toContain('none is recorded to compare it with')
  })

  it.each([
    [['replay', '.'], 1, 'invalid run folder: "."'],
    [
      ['replay', 'runs/one', '--set', 'swarm.peers=1'],
      2,
      'invalid --set: a run folder is replayed as it is (replay',
    ],
    [
      ['replay', 'smoke', '--cell', 'model'],
      2,
      'its model is trained by the experiment: replay the run folder',
    ],
    [['diff-trace', 'runs/one/report.html', 'x'], 2, 'invalid trace: "runs/one/report.html" (seedbed replay'],
  ])('%j is refused', async (words, status, message) => {
    const result = await run(...words)
    expect(result.stderr).toContain(message)
    expect(result.status).toBe(status)
  })

  it('says which nodes there are when there is none of that name', async () => {
    const { stdout, stderr } = await run('replay', 'runs/one', '--cell', 'random', '--node', 'per-3')
    expect(stdout).toBe('')
    expect(stderr).toContain(
      'note: nothing happened at a node "per-3" (did you mean peer-3? nodes are tracker,',
    )
  })
})
