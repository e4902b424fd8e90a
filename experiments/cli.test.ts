import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Result, resultSchema } from '../reports/schema.ts'
import { type CliResult, runCli, startCli } from './cli.testing.ts'
import { query } from './parquet.testing.ts'

const root = mkdtempSync(join(tmpdir(), 'seedbed-cli-'))
const at = (...parts: string[]): string => join(root, ...parts)
afterAll(() => rmSync(root, { recursive: true }))

const run = (...words: string[]): Promise<CliResult> => runCli(words, root)
const FIVE_MINUTES = 300_000

describe('seedbed run', { timeout: FIVE_MINUTES }, () => {
  let first: CliResult
  let result: Result

  beforeAll(async () => {
    first = await run('run', 'smoke', '--json', '--workers', '2', '--out', 'runs/one')
    result = resultSchema.parse(JSON.parse(first.stdout))
  }, FIVE_MINUTES)

  it('prints one JSON object of the published schema, and nothing else, on standard output', () => {
    expect(first.status).toBe(0)
    expect(first.stdout.trim().split('\n')).toHaveLength(1)
    expect(result.cells.map(({ policy }) => policy)).toEqual(['random', 'fastest', 'model', 'oracle'])
    expect(result.invariants.violations).toEqual([])
    expect(result.model?.name).toBe('smoke')
    for (const cell of result.cells) {
      const completed = cell.values.find(({ metric }) => metric === 'completed_share')
      expect(completed?.perReplication).toEqual([1, 1])
    }
  })

  it('writes a whole run folder', async () => {
    expect(readdirSync(at('runs'))).toEqual(['one'])
    expect(readdirSync(at('runs', 'one')).sort()).toEqual(
      [
        'collected.parquet',
        'config.yaml',
        'manifest.json',
        'metrics.parquet',
        'model',
        'outcomes.parquet',
      ].concat('report.html', 'result.json'),
    )
    expect(JSON.parse(readFileSync(at('runs', 'one', 'result.json'), 'utf8'))).toEqual(result)
    expect(JSON.parse(readFileSync(at('runs', 'one', 'manifest.json'), 'utf8'))).toMatchObject({
      configHash: result.configHash,
      outcomesHash: result.outcomesHash,
      seed: '1',
      cells: 4,
      replications: 2,
    })
    const [{ rows }] = await query(
      `SELECT count(*)::INTEGER AS rows FROM read_parquet(['${at('runs/one/outcomes.parquet')}', '${at('runs/one/collected.parquet')}'])`,
    )
    expect(rows).toBe(result.outcomeRows)
  })

  it('records which model ranked', async () => {
    const versions = await query(
      `SELECT DISTINCT policy_version FROM '${at('runs/one/outcomes.parquet')}' WHERE cell = 'model'`,
    )
    expect(versions).toEqual([{ policy_version: `smoke@${result.model!.version}` }])
  })

  it('writes metrics as the result has them', async () => {
    const rows = await query(
      `SELECT replication, value FROM '${at('runs/one/metrics.parquet')}' WHERE cell = 'fastest' AND metric = 'completion_mean_s' ORDER BY replication`,
    )
    const { perReplication } = result.cells[1].values.find(({ metric }) => metric === 'completion_mean_s')!
    expect(rows.map(({ value }) => value)).toEqual(perReplication)
  })

  it.each(['0', '1'])('gives the same outcomes with %s workers', async (workers) => {
    const again = await run(
      'run',
      'smoke',
      '--json',
      '--workers',
      workers,
      '--out',
      `runs/workers-${workers}`,
    )
    const other = resultSchema.parse(JSON.parse(again.stdout))
    expect(other.outcomesHash).toBe(result.outcomesHash)
    expect(other.cells).toEqual(result.cells)
  })

  it('gives other outcomes with another seed', async () => {
    const words = [
      '--json',
      '--seed',
      '2',
      '--set',
      'policies=[random]',
      '--set',
      'baseline=null',
      '--set',
      'train=null',
    ]
    const other = JSON.parse((await run('run', 'smoke', ...words, '--out', 'runs/seed')).stdout) as Result
    expect(other.outcomesHash).not.toBe(result.outcomesHash)
  })

  it('runs again from its own resolved config, ends with the table and the report, and replaces a run', async () => {
    const { status, stdout, stderr } = await run('run', 'runs/one/config.yaml', '--out', 'runs/one')
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toBe(join('runs', 'one', 'report.html'))
    expect(lines.find((line) => line.startsWith('oracle'))).toMatch(/ ± /)
    expect(stderr).toContain('8 simulations to train on, then 8 to evaluate')
    const again = JSON.parse(readFileSync(at('runs', 'one', 'result.json'), 'utf8')) as Result
    expect(again.outcomesHash).toBe(result.outcomesHash)
    expect(again.configHash).toBe(result.configHash)
    expect(existsSync(at('runs', 'one', 'report.html'))).toBe(true)
  })

  it('simulates one run of the plan alone', async () => {
    const { stdout } = await run('run', 'smoke', '--only', 'fastest/1')
    const replay = JSON.parse(stdout) as { metrics: Record<string, number>; violations: string[] }
    const { perReplication } = result.cells[1].values.find(({ metric }) => metric === 'completion_mean_s')!
    expect(replay.metrics['completion_mean_s']).toBe(perReplication[1])
    expect(replay.violations).toEqual([])
    expect((await run('run', 'smoke', '--only', 'fastest/9')).stderr).toContain(
      'run not in the plan: "fastest/9" (CELL/REPLICATION, e.g. random/0)',
    )
  })

  it('trains a model on a run folder, and judges it in another run', async () => {
    const trained = await run('train', 'runs/one', '-o', 'models/mine', '--set', 'maxEpochs=2', '--json')
    expect(trained.status).toBe(0)
    const { version } = JSON.parse(trained.stdout) as { version: string }
    const words = [
      '--set',
      'train=null',
      '--set',
      'policies=[random, {policy: model, model: models/mine}]',
      '--seed',
      '9',
    ]
    const judged = await run('run', 'smoke', '--json', '--out', 'runs/judged', ...words)
    expect(judged.status).toBe(0)
    const versions = await query(
      `SELECT DISTINCT policy_version FROM '${at('runs/judged/outcomes.parquet')}' WHERE policy = 'model'`,
    )
    expect(versions).toEqual([{ policy_version: `mine@${version}` }])
  })

  it('reports several runs side by side', async () => {
    const { status, stdout } = await run('report', 'runs/one', 'runs/judged', '-o', 'both.html')
    expect([status, stdout]).toEqual([0, 'both.html\n'])
    expect(readFileSync(at('both.html'), 'utf8')).toContain('judged')
    expect((await run('ls', '--json')).stdout).toContain('"folder":"runs/judged"')
  })

  it('leaves nothing under the final name when it is killed', async () => {
    const words = [
      'run',
      'smoke',
      '--set',
      'swarm.peers=300',
      '--set',
      'replications=50',
      '--out',
      'killed/run',
    ]
    const child = startCli(words, root)
    await new Promise((resolve) => child.stderr!.once('data', resolve))
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await gone
    expect(readdirSync(at('killed'))).toEqual([`.run.tmp-${child.pid}`])
    await run('run', 'smoke', '--set', 'policies=[random]', '--set', 'train=null', '--out', 'killed/run')
    expect(readdirSync(at('killed'))).toEqual(['run'])
  })

  it('cleans up when it is interrupted', async () => {
    const words = [
      'run',
      'smoke',
      '--set',
      'swarm.peers=300',
      '--set',
      'replications=50',
      '--out',
      'stopped/run',
    ]
    const child = startCli(words, root)
    await new Promise((resolve) => child.stderr!.once('data', resolve))
    const status = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    expect(await status).toBe(130)
    expect(readdirSync(at('stopped'))).toEqual([])
  })

  it('fails before it simulates where a model cannot be read', async () => {
    const words = ['--set', 'train=null', '--set', 'policies=[random, {policy: model, model: nowhere}]']
    const { status, stdout, stderr } = await run('run', 'smoke', ...words, '--out', 'failed/run')
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^seedbed: .*nowhere/)
    expect(readdirSync(at('failed'))).toEqual([])
  })
})

describe('seedbed', { timeout: FIVE_MINUTES }, () => {
  it('checks a config and prints it resolved', async () => {
    const { stdout } = await run('check', 'smoke', '--set', 'swarm.peers=7')
    expect(stdout).toContain('  peers: 7\n')
  })

  it.each([
    [['run', 'quikstart'], 2, 'config not found: "quikstart" (did you mean quickstart? ready-made ones:'],
    [['check', 'smoke', '--set', 'swarm.peer=7'], 1, 'unknown key swarm.peer: 7 (did you mean peers?'],
    [['run', 'smoke', '--wrkers', '1'], 2, 'Unknown argument: wrkers'],
    [['run', 'smoke', '--workers', '-1'], 2, 'invalid --workers: -1'],
    [['chek', 'smoke'], 2, 'Did you mean check?'],
    [['train', 'nowhere', '-o', 'm'], 1, 'invalid run folder: "nowhere"'],
    [['report', 'nowhere'], 1, 'invalid run folder: "nowhere"'],
    [['ls', 'nowhere'], 2, 'folder not found: "nowhere"'],
    [['bench', '--only', 'flows:1'], 2, 'invalid benchmark: "flows:1"'],
    [[], 2, 'a command is needed'],
  ])('%j fails with status %i', async (words, status, message) => {
    const result = await run(...words)
    expect(result.stderr).toContain(message)
    expect(result).toMatchObject({ status, stdout: '' })
  })

  it.each(['result', 'config'])('publishes the schema of a %s', async (name) => {
    expect(JSON.parse((await run('schema', name)).stdout)).toMatchObject({ type: 'object' })
  })

  it('measures its speed in the published form', async () => {
    const only = ['flows:20x2', 'swarm:10x8', 'star:10', 'decision', 'training:wasm'].flatMap((name) => [
      '--only',
      name,
    ])
    const { status, stdout } = await run('bench', '--json', ...only)
    expect(status).toBe(0)
    const number = expect.any(Number) as number
    expect(JSON.parse(stdout)).toEqual({
      flows: [{ hosts: 20, flowsPerHost: 2, completionsPerSecond: number, peakRssBytes: number }],
      swarm: [
        {
          peers: 10,
          chunks: 8,
          fetches: number,
          wallSeconds: number,
          fetchesPerSecond: number,
          meanNeighbours: number,
          peakRssBytes: number,
        },
      ],
      star: [
        {
          peers: 10,
          wallSeconds: number,
          cpuSeconds: number,
          peakRssBytes: number,
          messages: number,
          chunkTransfers: 300,
          lastFinishSeconds: number,
          reference: null,
        },
      ],
      decision: { candidates: 32, microseconds: number },
      training: [{ backend: 'wasm', rowsPerSecond: number }],
      outcomes: [],
      rtc: [],
      peer: [],
      tracker: { load: [], memory: [], websocket: null, cluster: [] },
      bars: [],
    })
  })
})
