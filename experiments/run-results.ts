import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { quote } from '../peer/protocol/ids.ts'
import { type Result, resultSchema } from '../reports/schema.ts'
import { RunFolderError } from './errors.ts'
import { isRunFolder, RUN_FILES } from './run-folder.ts'

/** Reads a run folder's result. Throws RunFolderError. */
export async function readResult(folder: string): Promise<Result> {
  await checkRunFolder(folder)
  const path = join(folder, RUN_FILES.result)
  const parsed = resultSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (!parsed.success)
    throw new RunFolderError(
      `invalid ${quote(path)}: written by another version of Seedbed (run the experiment again)`,
    )
  return parsed.data
}

/** Throws RunFolderError where a path is no finished run folder. */
export async function checkRunFolder(folder: string): Promise<void> {
  if (await isRunFolder(folder)) return
  throw new RunFolderError(
    `invalid run folder: ${quote(folder)} (no ${RUN_FILES.manifest} of a finished run; see seedbed ls)`,
  )
}

/** Several results as one, with the run as one more dimension of the matrix; one result stays as it is. */
export function mergeResults(results: readonly Result[], folders: readonly string[]): Result {
  if (results.length === 1) return results[0]
  const names = uniqueNames(folders)
  const [first] = results
  const same = <T>(of: (result: Result) => T): T | null =>
    results.every((result) => of(result) === of(first)) ? of(first) : null
  const metricNames = new Set(first.metrics.map(({ name }) => name))
  const distributionNames = new Set(first.distributions.map(({ name }) => name))
  return {
    ...first,
    name: names.join(', '),
    description: results.map(({ description }, i) => `${names[i]}: ${description}`).join('\n'),
    commit: same(({ commit }) => commit),
    seed: [...new Set(results.map(({ seed }) => seed))].join(', '),
    wallSeconds: results.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    replications: Math.max(...results.map(({ replications }) => replications)),
    baseline: same(({ baseline }) => baseline),
    oracle: same(({ oracle }) => oracle),
    facts: results.flatMap(({ facts }, i) =>
      facts.map(({ label, value }) => ({ label: `${label} (${names[i]})`, value })),
    ),
    replayCommand: results.map(({ replayCommand }) => replayCommand).join('\n'),
    config: Object.fromEntries(results.map(({ config }, i) => [names[i], config])),
    metrics: [
      ...first.metrics,
      ...results.slice(1).flatMap(({ metrics }) => metrics.filter(({ name }) => addTo(metricNames, name))),
    ],
    distributions: [
      ...first.distributions,
      ...results
        .slice(1)
        .flatMap(({ distributions }) => distributions.filter(({ name }) => addTo(distributionNames, name))),
    ],
    cells: results.flatMap(({ cells }, i) =>
      cells.map((cell) => ({
        ...cell,
        cell: `${names[i]}/${cell.cell}`,
        point: { run: names[i], ...cell.point },
      })),
    ),
    published: results.flatMap(({ published }, i) =>
      published.map((figure) => ({ ...figure, point: { run: names[i], ...figure.point } })),
    ),
    outcomeRows: results.reduce((sum, { outcomeRows }) => sum + outcomeRows, 0),
    invariants: {
      runs: results.reduce((sum, { invariants }) => sum + invariants.runs, 0),
      checks: [...new Set(results.flatMap(({ invariants }) => invariants.checks))],
      violations: results.flatMap(({ invariants }, i) =>
        invariants.violations.map((text) => `${names[i]}: ${text}`),
      ),
    },
    model: results.find(({ model }) => model !== null)?.model ?? null,
  }
}

function addTo(names: Set<string>, name: string): boolean {
  if (names.has(name)) return false
  names.add(name)
  return true
}

/** The folders' last parts, numbered where two are the same. */
function uniqueNames(folders: readonly string[]): string[] {
  const names = folders.map((folder) => basename(folder))
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${i + 1})`))
}
