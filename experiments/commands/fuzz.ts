import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { UsageError } from '../errors.ts'
import type { FuzzReport } from '../fuzz/check-seed.ts'
import { durationText, tableText } from '../text.ts'

interface FuzzArguments {
  runs: number
  first: number
  seed: number | undefined
  workload: string | undefined
  workers: number
  out: string
}

/** A world takes milliseconds: what is not done by now never will be. */
const MOST_MS = 180_000
const SHRINK_TRIES = 200
const SHRINK_MS = 60_000
const TELL_EVERY_MS = 10_000
/** Failures that are shrunk and written; the others are counted. */
const MOST_SAVED = 10

/** `seedbed fuzz` */
export const fuzzCommand: CommandModule<object, FuzzArguments> = {
  command: 'fuzz',
  describe: 'Simulate worlds drawn at random with every check, and write down those that break one',
  builder: (yargs) =>
    yargs
      .option('runs', { type: 'number', default: 100, describe: 'Worlds to draw' })
      .option('first', { type: 'number', default: 1, describe: 'Seed of the first world; the others follow' })
      .option('seed', { type: 'number', requiresArg: true, describe: 'Draw the world of this seed only' })
      .option('workload', { type: 'string', requiresArg: true, describe: 'Draw this workload only' })
      .option('workers', { type: 'number', default: 1, describe: 'Worlds at once' })
      .option('out', {
        type: 'string',
        default: 'fuzz-failures',
        describe: 'Folder for the configs of worlds that fail',
      })
      .check(({ runs, first, seed, workers }) => {
        whole('runs', runs, 1)
        whole('first', first, 0)
        whole('seed', seed ?? 0, 0)
        whole('workers', workers, 1)
        return true
      }),
  handler: fuzz,
}

function whole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`invalid --${name}: ${value} (a whole number of ${least} or more)`)
}

async function fuzz(given: ArgumentsCamelCase<FuzzArguments>): Promise<void> {
  const { runs, first, seed, workload, workers, out } = given
  const { FUZZ_WORKLOADS } = await import('../fuzz/drawn-config.ts')
  if (workload !== undefined && !Object.hasOwn(FUZZ_WORKLOADS, workload))
    throw new UsageError(
      `invalid --workload: ${JSON.stringify(workload)} (allowed ${Object.keys(FUZZ_WORKLOADS).join(', ')})`,
    )
  const { runFuzz } = await import('../fuzz/run-fuzz.ts')
  const seeds = seed === undefined ? Array.from({ length: runs }, (_, i) => first + i) : [seed]
  const startMs = performance.now()
  const reports: FuzzReport[] = []
  let toldMs = startMs
  const onReport = (report: FuzzReport): void => {
    reports.push(report)
    if (report.failure) process.stderr.write(`failed: seed ${report.seed}, ${report.failure.key}\n`)
    const nowMs = performance.now()
    if (nowMs - toldMs < TELL_EVERY_MS) return
    toldMs = nowMs
    const failed = reports.filter(({ failure }) => failure !== undefined).length
    process.stderr.write(`${reports.length} of ${seeds.length} worlds, ${failed} failed\n`)
  }
  await runFuzz({ seeds, workload, workers, mostMs: MOST_MS, onReport })
  const tookS = (performance.now() - startMs) / 1000
  process.stdout.write(`${fuzzTable(reports)}\n${reports.length} worlds in ${durationText(tookS)}\n`)
  const failed = reports.filter(({ failure }) => failure !== undefined)
  if (failed.length === 0) return
  await tellFailures(failed, given.workload, out)
  process.exitCode = 1
}

async function tellFailures(
  failed: readonly FuzzReport[],
  workload: string | undefined,
  out: string,
): Promise<void> {
  const { drawConfig } = await import('../fuzz/drawn-config.ts')
  const { shrink } = await import('../fuzz/shrink.ts')
  const { saveFailure } = await import('../fuzz/save-failure.ts')
  const byKey = groupBy(failed, ({ failure }) => failure!.key)
  for (const [key, same] of [...byKey].slice(0, MOST_SAVED)) {
    const { seed, comparison, failure } = same[0]
    const endMs = performance.now() + SHRINK_MS
    const limits = { mostTries: SHRINK_TRIES, isLate: () => performance.now() > endMs }
    const raw = drawConfig(seed, workload)
    // What hangs would hang again here.
    const found = key === 'hangs' ? { raw, failure: failure! } : shrink(raw, failure!, comparison, limits)
    const path = await saveFailure(out, found.raw, found.failure, comparison)
    const seeds = same.map((report) => report.seed)
    const others =
      seeds.length === 1
        ? ''
        : ` (${seeds.length} worlds: seeds ${seeds.slice(0, 10).join(', ')}${seeds.length > 10 ? ' …' : ''})`
    const again = `npm run fuzz -- --seed ${seed}${workload === undefined ? '' : ` --workload ${workload}`}`
    process.stdout.write(`\nFAILED ${key}${others}\n  ${failure!.message.replaceAll('\n', '\n  ')}\n`)
    process.stdout.write(`  again: ${again}\n  shrunk: ${path} (npx seedbed replay ${path})\n`)
  }
  if (byKey.size > MOST_SAVED)
    process.stdout.write(`\nand ${byKey.size - MOST_SAVED} other kinds of failure\n`)
}

function fuzzTable(reports: readonly FuzzReport[]): string {
  const rows = [...groupBy(reports, ({ workload }) => workload)].map(([workload, of]) => {
    const sum = (value: (report: FuzzReport) => number): number =>
      of.reduce((total, report) => total + value(report), 0)
    return [
      workload,
      String(of.length),
      String(sum(({ simulations }) => simulations)),
      (sum(({ simulatedMs }) => simulatedMs) / 3600e3).toFixed(1),
      String(sum(({ events }) => events)),
      String(sum(({ failure }) => (failure === undefined ? 0 : 1))),
    ]
  })
  return tableText([['workload', 'worlds', 'simulations', 'simulated hours', 'events', 'failed'], ...rows])
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
