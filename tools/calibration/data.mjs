// Measured public data, from archives that are no part of the project.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseLatencyMatrix } from '../../dist/experiments/data/latency-matrix.js'
import { parseTrace } from '../../dist/experiments/data/trace-text.js'
import { quantileOf, sorted } from './distances.mjs'

const ARCHIVES = ['netlatency_subset.tar.xz', 'sabre_traces.tar.xz', 'realworld_bw_fcc_oboe_puffer.tar.xz']

/** Unpacks the archives of a folder and hands what is in them to `use`. @param {string} folder */
export async function withData(folder, use) {
  for (const name of ARCHIVES)
    if (!existsSync(join(folder, name))) throw new Error(`${join(folder, name)} is missing`)
  const root = mkdtempSync(join(tmpdir(), 'seedbed-calibration-'))
  try {
    for (const name of ARCHIVES) execFileSync('tar', ['-xf', join(folder, name), '-C', root])
    return await use(dataIn(root))
  } finally {
    rmSync(root, { recursive: true })
  }
}

function dataIn(root) {
  const matrix = (path, unit) =>
    parseLatencyMatrix(readFileSync(join(root, 'netlatency', path), 'utf8'), path, unit)
  const traces = (path, unit) =>
    readdirSync(join(root, path)).map((name) =>
      parseTrace(readFileSync(join(root, path, name), 'utf8'), name, unit),
    )
  const seattle = readdirSync(join(root, 'netlatency/seattle')).map((name) => matrix(`seattle/${name}`, 's'))
  return {
    planetlab: matrix('planetlab/PlanetLabData_1', 'ms'),
    /** Slices in time. */
    seattle,
    /** Median over time and both directions. */
    seattleMedian: seattle[0].map((row, from) =>
      row.map((_, to) => {
        const seen = seattle.flatMap((slice) => [slice[from][to], slice[to][from]]).filter((ms) => ms > 0)
        return seen.length > 0 ? quantileOf(sorted(seen), 0.5) : 0
      }),
    ),
    traces: {
      '3G (Riiser 2013)': traces('sabre_traces/3Glogs', 'Mbit/s'),
      'LTE (van der Hooft 2016)': traces('sabre_traces/4Glogs', 'Mbit/s'),
      'FCC 2016': traces('rwbt_sub/fcc_ori/test_traces', 'Mbit/s'),
      'Oboe 2018': traces('rwbt_sub/traces_oboe', 'Mbit/s'),
      'Puffer 2022': traces('rwbt_sub/puffer_220218', 'MB/s'),
    },
  }
}
