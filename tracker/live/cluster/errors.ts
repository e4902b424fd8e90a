/** When to come again: a process that has died is back within this time, as a rule. */
export const RETRY_S = 2

/** The process that holds a swarm does not answer: it is being started again, or has too much to do. */
export class ShardDownError extends Error {
  override readonly name = 'ShardDownError'
  readonly code = 'E_SHARD_DOWN'

  constructor(why: string) {
    super(`a part of this tracker ${why}: try again in ${RETRY_S} s`)
  }
}
