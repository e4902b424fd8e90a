import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'

const MIB = 2 ** 20
/** What Node itself gives to each. */
const LEAST_OLD_MIB = 4096
/** Three semi-spaces: a large swarm has many objects that live for a while, and each early collection copies them. */
const YOUNG_MIB = 3 * 64

/** Memory that each of so many threads may take: 100,000 peers need more than Node gives by itself. */
export const workerMemory = (workers: number): ResourceLimits => ({
  maxOldGenerationSizeMb: Math.max(LEAST_OLD_MIB, Math.floor(totalmem() / MIB / workers)),
  maxYoungGenerationSizeMb: YOUNG_MIB,
})
