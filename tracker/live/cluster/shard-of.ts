import { swarmHash } from '../swarm-name.ts'

/** Other than that of the shares that a second policy gets: a canary's swarms lie in all shards. */
const SHARD_SEED = 0x5eedbed

/** Which of `count` processes holds a swarm: the same one at all times, after restarts too. */
export const shardOf = (swarm: string, count: number): number => swarmHash(swarm, SHARD_SEED) % count
