import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CommandModule } from 'yargs'
import type { BenchReport } from '../bench/entries.ts'
import type { OutcomesBenchResult } from '../bench/outcomes.ts'
import type { StarSwarmFigures } from '../bench/star-swarm.ts'
import { transferRows } from '../bench/transfer-rows.ts'
import { addTrackerResult, noTrackerResult, trackerBars, trackerRows } from '../bench/tracker-report.ts'
import { UsageError } from '../errors.ts'
import { numberText, tableText } from '../text.ts'

interface BenchArguments {
  json: boolean
  only: string | string[] | undefined
  inThisProcess: boolean
}

/** `seedbed bench` */
export const benchCommand: CommandModule<object, BenchArguments> = {
  command: 'bench',
  describe: 'Measure network, swarm, decision and training speed, each in a process of its own',
  builder: (yargs) =>
    yargs
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print one JSON object on standard output',
      })
      .option('only', {
        type: 'string',
        nargs: 1,
        describe:
          'One entry, e.g. flows:1000x4, swarm:1000, swarm:100000x20, star:1000, peer:1000, decision, rtc:16, outcomes:12, tracker:http, training:wasm; may be repeated',
      })
      .option('inThisProcess', { type: 'boolean', default: false, hidden: true }),
  handler: async ({ json, only, inThisProcess }) => {
    const report: BenchReport = {
      flows: [],
      swarm: [],
      star: [],
      decision: null,
      training: [],
      tracker: noTrackerResult(),
      rtc: [],
      peer: [],
      outcomes: [],
    }
    const { ALL_ENTRIES, runEntry } = await import('../bench/entries.ts')
    const measure = inThisProcess ? (name: string) => runEntry(name, notice) : inOwnProcess
    for (const name of [only ?? ALL_ENTRIES].flat()) {
      const part = await measure(name)
      report.flows.push(...(part.flows ?? []))
      report.swarm.push(...(part.swarm ?? []))
      report.star.push(...(part.star ?? []))
      report.decision = part.decision ?? report.decision
      report.training.push(...(part.training ?? []))
      addTrackerResult(report.tracker, part.tracker)
      report.rtc.push(...(part.rtc ?? []))
      report.peer.push(...(part.peer ?? []))
      report.outcomes.push(...(part.outcomes ?? []))
    }
    const bars = trackerBars(report.tracker)
    process.stdout.write(`${json ? JSON.stringify({ ...report, bars }) : benchTable(report)}\n`)
  },
}

const notice = (text: string): void => void process.stderr.write(`note: ${text}\n`)

const cli = fileURLToPath(new URL('../cli.js', import.meta.url))

/**
 * Room for young objects, of which a large swarm makes many that live for a while; and for as many old ones as there may be,
 * most of which stay: looking for garbage among them while they become more is in vain.
 */
const SPACE = ['--max-semi-space-size=64', '--initial-old-space-size=4096', '--max-old-space-size=12288']

/**
 * The records of a large simulation lie in large arrays that are read in no order: with huge pages, which Linux gives to the
 * memory of glibc that asks for them, fewer of its reads miss the page table.
 */
const HUGE_PAGES = 'glibc.malloc.hugetlb=1'
const SIMULATIONS = /^(flows|swarm|star)/

/** Peak memory and compiled code of one entry must not colour the next. */
async function inOwnProcess(name: string): Promise<Partial<BenchReport>> {
  process.stderr.write(`${name} …\n`)
  const words = [...SPACE, cli, 'bench', '--json', '--inThisProcess', '--only', name]
  const env = SIMULATIONS.test(name) ? { GLIBC_TUNABLES: HUGE_PAGES, ...process.env } : process.env
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { env })
    process.stderr.write(stderr)
    return JSON.parse(stdout) as BenchReport
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    const reason = (stderr ?? '').replace(/^seedbed: /, '').trim() || message
    throw code === 2
      ? new UsageError(reason)
      : new Error(`benchmark ${name} failed: ${reason}`, { cause: error })
  }
}

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

function starRow(name: string, figures: StarSwarmFigures, more = ''): string[] {
  const { wallSeconds, messages, chunkTransfers, lastFinishSeconds, peakRssBytes } = figures
  const done = `${messages} messages, ${chunkTransfers} chunks, last finish at ${Math.round(lastFinishSeconds)} s`
  return [name, `${numberText(wallSeconds)} s${more}; ${done}`, mb(peakRssBytes)]
}

function outcomesRow(result: OutcomesBenchResult): string[] {
  const { candidates, appendedPerSecond, storedPerSecond, cpuMicroseconds, ackP99Ms } = result
  const rates = [appendedPerSecond, storedPerSecond].map(Math.round)
  return [
    `outcomes of ${candidates} candidates`,
    `${rates[0]} rows/s acknowledged (p99 ${numberText(ackP99Ms)} ms), ${rates[1]} stored, CPU ${numberText(cpuMicroseconds)} µs each`,
    mb(result.peakRssBytes),
  ]
}

function benchTable({
  flows,
  swarm,
  star,
  decision,
  training,
  tracker,
  rtc,
  peer,
  outcomes,
}: BenchReport): string {
  const rows = [
    ...flows.map(({ hosts, flowsPerHost, completionsPerSecond, peakRssBytes }) => [
      `flows, ${hosts} hosts × ${flowsPerHost}`,
      `${Math.round(completionsPerSecond)} completions/s`,
      mb(peakRssBytes),
    ]),
    ...swarm.map(({ peers, chunks, wallSeconds, fetchesPerSecond, meanNeighbours, peakRssBytes }) => [
      `swarm, ${peers} peers × ${chunks} chunks, ${Math.round(meanNeighbours)} neighbours each`,
      `${Math.round(fetchesPerSecond)} fetches/s, ${numberText(wallSeconds)} s`,
      mb(peakRssBytes),
    ]),
    ...star.flatMap(({ peers, reference, cpuSeconds, ...own }) => [
      starRow(`star swarm, ${peers} peers`, own, `, CPU ${numberText(cpuSeconds)} s`),
      ...(reference ? [starRow('  SimGrid, other machine', reference)] : []),
    ]),
    ...(decision
      ? [[`decision, ${decision.candidates} candidates`, `${numberText(decision.microseconds)} µs`, '']]
      : []),
    ...training.map(({ backend, rowsPerSecond }) => [
      `training, ${backend}`,
      `${Math.round(rowsPerSecond)} rows/s`,
      '',
    ]),
    ...trackerRows(tracker),
    ...rtc.map(({ messageKib, bytesPerSecond, cpuShare, peakRssBytes }) => [
      `WebRTC channel, ${messageKib} KiB messages`,
      `${numberText(bytesPerSecond / 1e6)} MB/s, ${numberText(cpuShare)} of a core`,
      mb(peakRssBytes),
    ]),
    ...transferRows(peer),
    ...outcomes.map(outcomesRow),
  ]
  return tableText([['benchmark', 'speed', 'peak memory'], ...rows])
}
