import type { Logger } from 'pino'
import type { ModelShelf, Ranks } from '../model-shelf.ts'
import type { Cluster } from './cluster.ts'
import { Decree } from './decree.ts'

/** Lets the same policies rank in all processes. */
export class Switchboard {
  readonly #decree: Decree<Ranks>
  readonly #isReplacement: boolean
  readonly #shelf: ModelShelf
  readonly #log: Logger

  constructor(cluster: Cluster, shelf: ModelShelf, log: Logger) {
    this.#decree = new Decree(cluster, { name: 'rank', take: (ranks) => shelf.take(ranks), log })
    this.#isReplacement = cluster.place.isReplacement
    this.#shelf = shelf
    this.#log = log
    if (this.#decree.isHome) shelf.whenSwitched = () => this.#decree.proclaim(shelf.ranks)
  }

  /**
   * Ranks with what the cluster ranks with: on its first start what `begin` makes of it, later what the store has noted, or, where
   * that is down, what the others say. Resolves when that is known, or after a while.
   */
  async start(begin: () => Promise<void>, resume: () => Promise<unknown>): Promise<void> {
    const decree = this.#decree
    if (!decree.isHome) {
      if (!this.#isReplacement || !(await decree.learn())) await decree.untilHeard()
      return
    }
    if (!this.#isReplacement) await begin()
    else if (!(await this.#isDone(resume)) && (await decree.learn())) return
    await decree.proclaim(this.#shelf.ranks)
  }

  stop(): void {
    this.#decree.stop()
  }

  async #isDone(work: () => Promise<unknown>): Promise<boolean> {
    return work().then(
      () => true,
      (error: unknown) => {
        this.#log.warn({ err: error }, 'the store can not tell what ranked last')
        return false
      },
    )
  }
}
