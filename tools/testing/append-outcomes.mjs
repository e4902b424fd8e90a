// Appends outcomes to a store until it is killed, and writes on standard output the names of those that were
// acknowledged, one a line: RUN/NUMBER; and `refused CODE` for a refusal. Usage: append-outcomes.mjs STORE QUEUE RUN
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DurableOutcomes } from '../../dist/experiments/store/durable-outcomes.js'
import { openStore } from '../../dist/experiments/store/open-store.js'
import { FEATURE_COUNT } from '../../dist/peer/protocol/features.js'

const [given, queue, runId] = process.argv.slice(2)
const MOST_ROWS = 7
const WRITERS = 5

const row = {
  ...{ place: 'peer', contentId: 'c'.repeat(64), requesterId: 'a'.repeat(40), requesterRegion: 'eu-west' },
  ...{ decidedMs: 1, chunk: 0, attempt: 1, policy: 'random', policyVersion: '1', trackerPolicy: 'random' },
  ...{ trackerPolicyVersion: '1', trackerRank: 0, candidateIds: ['1'.repeat(40), '2'.repeat(40)] },
  ...{
    features: new Float32Array(2 * FEATURE_COUNT),
    scores: new Float32Array(2),
    chosen: 0,
    propensity: 0.5,
  },
  ...{ explored: false, reason: 'normal', result: 'ok', connectMs: 1, ttfbMs: 2, durationMs: 3, bytes: 4 },
  ...{ requesterInflight: 0, seedActive: 0, seedQueued: 0, deadlineSlackMs: NaN },
}

const store = await openStore(given)
const sink = await DurableOutcomes.open({
  ...{ store: store.outcomes, journalRoot: join(queue), drainMs: 20 },
  maxQueueBytes: 1024 ** 3,
})
writeSync(1, 'ready\n')
let next = 0

async function write() {
  for (;;) {
    const decisions = Array.from({ length: 1 + (next % MOST_ROWS) }, () => next++)
    const outcomes = decisions.map((decision) => ({
      ...{ runId, decision, receivedMs: Date.now(), reporter: '', trust: 1, row },
    }))
    try {
      await sink.append(outcomes)
      writeSync(1, decisions.map((decision) => `${runId}/${decision}\n`).join(''))
    } catch (error) {
      writeSync(1, `refused ${error.code}\n`)
      await setImmediate()
    }
  }
}

for (let n = 0; n < WRITERS; n++) void write()
