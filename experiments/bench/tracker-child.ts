import { SeededRandom } from '../../peer/ports/seeded-random.ts'
import { fitInputs, type InputDefinition } from '../../model/inputs.ts'
import { initialMlp } from '../../model/mlp.ts'
import { resolveTrainingOptions } from '../../model/options.ts'
import { ModelScorer } from '../../model/scorer.ts'
import { syntheticGroups } from '../../model/synthetic.ts'
import { startTracker } from '../../tracker/live/compose.ts'
import { WANTED } from './announces.ts'
import type { ChildAnswer, ChildQuestion, TrackerKind } from './tracker-process.ts'

// A tracker in a process of its own: `tracker-process.ts` starts it and asks it how it does.

const HOST = '127.0.0.1'
const [kind, place] = process.argv.slice(2)
const isBehindProxy = place === 'proxied'

async function startSeedbed(): Promise<ChildAnswer> {
  const random = new SeededRandom('bench')
  const inputs = fitInputs(syntheticGroups(64, 16, random), 'tracker-only').filter(isOfTrainedModel)
  const mlp = initialMlp([inputs.length, ...resolveTrainingOptions({}).hidden, 1], 'bench')
  const { port, udpPort } = await startTracker({
    ...{ host: HOST, port: 0, udpPort: 0, trustedProxies: isBehindProxy ? 1 : 0 },
    settings: { maxCandidates: WANTED },
    policy: { name: 'model' },
    model: { label: 'bench@0', scorer: new ModelScorer(inputs, mlp) },
  })
  return { kind: 'up', port, udpPort }
}

async function startOther(): Promise<ChildAnswer> {
  const { default: Server } = await import('bittorrent-tracker/server')
  const server = new Server({ trustProxy: isBehindProxy, stats: false })
  server.on('error', fail)
  server.on('warning', () => undefined)
  await new Promise<void>((resolve) => {
    server.on('listening', resolve)
    server.listen(0, { http: HOST, udp: HOST, udp6: '::1' })
  })
  const udp = server.udp4.address()
  return { kind: 'up', port: server.http.address().port, udpPort: udp.port }
}

/** A model trained for unmodified clients has 16 inputs: it is told what is unknown only where that happens, before a second announce. */
const isOfTrainedModel = ({ kind, feature }: InputDefinition): boolean =>
  kind === 'value' ||
  ['upload_bps', 'upload_mean_bps', 'upload_peak_bps', 'download_mean_bps', 'announce_jitter'].includes(
    feature,
  )

const STARTS: Record<TrackerKind, () => Promise<ChildAnswer>> = {
  seedbed: startSeedbed,
  'bittorrent-tracker': startOther,
}

const tell = (answer: ChildAnswer): void => void process.send?.(answer)

process.on('message', (question: ChildQuestion) => {
  if (question === 'collect') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  tell({ kind: 'usage', cpuMicros: user + system, residentBytes: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())

const fail = ({ message }: Error): void => tell({ kind: 'failed', reason: message })

STARTS[kind as TrackerKind]().then(tell, fail)
