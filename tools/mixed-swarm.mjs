// Ten unmodified clients, two of them slow seeds, in network namespaces: do they get their file sooner where the tracker ranks
// with a model than where it draws at random? Needs Linux, root, aria2c, python3-libtorrent and transmission-daemon.
//   npm run build && node tools/mixed-swarm.mjs --model MODEL [--repetitions 5] [--json]
import createTorrent from 'create-torrent'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { mean, meanInterval95 } from '../dist/reports/estimates.js'
import { CONTENT_BYTES, runSwarm } from './mixed-swarm/swarm.mjs'

const options = yargs(hideBin(process.argv))
  .option('model', {
    type: 'string',
    demandOption: true,
    describe: 'Model folder, for what a tracker alone sees',
  })
  .option('against', {
    type: 'string',
    default: 'random',
    describe: 'Policy that the model is compared with',
  })
  .option('repetitions', { type: 'number', default: 5 })
  .option('json', { type: 'boolean', default: false })
  .strict()
  .parseSync()

const content = Buffer.alloc(CONTENT_BYTES)
for (let at = 0; at < content.length; at += 32)
  createHash('sha256').update(`content ${at}`).digest().copy(content, at)
const torrentOf = promisify(createTorrent)

async function metainfo(announceUrl) {
  const named = Object.assign(Buffer.from(content), { name: 'content.bin' })
  return torrentOf(named, { announceList: [[announceUrl]], private: true, pieceLength: 262_144 })
}

async function measure(policy, model) {
  const folder = mkdtempSync(join(tmpdir(), 'seedbed-mixed-'))
  try {
    return await runSwarm({ folder, content, metainfo, policy, model })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const policies = [options.against, 'model']
const runs = []
for (let repetition = 0; repetition < options.repetitions; repetition++) {
  // By turns, so that a drift of the machine favours neither.
  const order = repetition % 2 === 0 ? policies : policies.toReversed()
  for (const policy of order) {
    const leechers = await measure(policy, policy === 'model' ? options.model : undefined)
    const times = leechers.map(({ seconds }) => seconds)
    runs.push({ repetition, policy, meanSeconds: times.includes(null) ? null : mean(times), leechers })
    const shown = times.map((seconds) => (seconds === null ? 'never' : seconds.toFixed(1))).join(' ')
    console.error(`repetition ${repetition + 1}, ${policy}: ${shown}`)
  }
}
const meansOf = (policy) =>
  runs
    .filter((run) => run.policy === policy)
    .sort((a, b) => a.repetition - b.repetition)
    .map((run) => run.meanSeconds)
const [baseline, model] = policies.map(meansOf)
const complete = baseline.every(Number.isFinite) && model.every(Number.isFinite)
const summary = complete && {
  meanSeconds: { [options.against]: mean(baseline), model: mean(model) },
  changeSeconds: mean(model.map((value, i) => value - baseline[i])),
  changeInterval95: meanInterval95(model.map((value, i) => value - baseline[i])),
}
console.log(options.json ? JSON.stringify({ runs, summary }) : summary)
