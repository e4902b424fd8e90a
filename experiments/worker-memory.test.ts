import { once } from 'node:events'
import { totalmem } from 'node:os'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { RunFailedError } from './errors.ts'
import { workerMemory } from './worker-memory.ts'

it('lets one thread have the memory of the machine, and none less than Node gives', async () => {
  const program =
    "const { parentPort, resourceLimits } = require('node:worker_threads'); parentPort.postMessage(resourceLimits)"
  const worker = new Worker(program, { eval: true, resourceLimits: workerMemory(1) })
  const [limits] = (await once(worker, 'message')) as [Required<ResourceLimits>]
  expect(limits.maxOldGenerationSizeMb).toBe(Math.max(4096, Math.floor(totalmem() / 2 ** 20)))
  expect(limits.maxYoungGenerationSizeMb).toBe(192)
  expect(workerMemory(1000).maxOldGenerationSizeMb).toBe(4096)
})

it('says what helps where a thread has used up its memory', async () => {
  const worker = new Worker('const all = []; for (;;) all.push(new Array(100_000).fill(0.5))', {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  })
  const [cause] = (await once(worker, 'error')) as [Error]
  const { message } = new RunFailedError('random/0', '1', 'npx seedbed run x.yaml --only random/0', cause)
  expect(message).toContain('out of memory (with fewer --workers, each has more)')
})
