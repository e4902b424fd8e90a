// The tracker of a mixed swarm, as a program of its own: tracker.mjs HOST PORT POLICY [MODEL]; prints how many seed, line by line.
import { loadModel } from '../../dist/model/load-model.js'
import { startTracker } from '../../dist/tracker/live/compose.js'
import { ANNOUNCE_MS, LISTED } from './swarm.mjs'

const [host, port, policy, folder] = process.argv.slice(2)
const { tracker } = await startTracker({
  host,
  port: Number(port),
  policy: { name: policy },
  model: folder ? loadModel(folder) : undefined,
  settings: { announceMs: ANNOUNCE_MS, expiryMs: 3 * ANNOUNCE_MS, maxCandidates: LISTED },
})
setInterval(() => {
  const seeds = [...tracker.swarms()].reduce((sum, swarm) => sum + swarm.seeds, 0)
  console.log(seeds)
}, 200)
