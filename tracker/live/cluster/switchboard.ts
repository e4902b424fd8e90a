import type { Logger } from 'pino'
import { ADMIN_HOME } from '../api/admin-routes.ts'
import type { ModelShelf, Ranks } from '../model-shelf.ts'
import type { Cluster } from './cluster.ts'

const FIRST_RETRY_MS = 500
const MOST_RETRY_MS = 30_000
/** How long a process that starts waits to hear what ranks. */
const PATIENCE_MS = 10_000
const LOOK_MS = 20

/**
 * Lets the same policies rank in all processes. One process takes switches and tells the others, whenever a link to one comes
 * up too; a process that starts again asks what the others rank with. What a process can't do at once, such as read a model
 * from a store that is down, it tries again.
 */
export class Switchboard {
  readonly #cluster: Cluster
  readonly #shelf: ModelShelf
  readonly #log: Logger
  /** What is to rank everywhere; undefined where this process has not heard. */
  #wanted: Ranks | undefined
  #heard: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0

  constructor(cluster: Cluster, shelf: ModelShelf, log: Logger) {
    this.#cluster = cluster
    this.#shelf = shelf
    this.#log = log
    const { calls, mesh } = cluster
    calls.answer('ranks', () => this.#wanted ?? null)
    calls.answer('rank', (_from, ranks: Ranks) => this.#want(ranks))
    if (!this.#isHome) return
    mesh.watch((index) => void this.#tell(index))
    shelf.whenSwitched = () => this.#switched()
  }

  /**
   * Ranks with what the cluster ranks with; `begin` finds out what that is where nobody knows. Resolves when that is known, or
   * after a while.
   */
  async start(begin: () => Promise<void>): Promise<void> {
    if (this.#cluster.place.isReplacement && (await this.#learn())) return
    if (this.#isHome) {
      await begin()
      await this.#switched()
    } else await this.#untilHeard()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  get #isHome(): boolean {
    return this.#cluster.mesh.elsewhere(ADMIN_HOME) === undefined
  }

  async #switched(): Promise<void> {
    this.#wanted = this.#shelf.ranks
    await Promise.all(this.#cluster.mesh.others.map((index) => this.#tell(index)))
  }

  /** One that does not answer hears of it when it is back. */
  async #tell(index: number): Promise<void> {
    if (this.#wanted) await this.#cluster.calls.ask(index, 'rank', this.#wanted).catch(() => undefined)
  }

  /** Asks the others; returns whether one knew. */
  async #learn(): Promise<boolean> {
    const { calls, mesh } = this.#cluster
    const untilMs = performance.now() + PATIENCE_MS
    while (mesh.others.length > 0 && performance.now() < untilMs) {
      const asked = mesh.others.map((index) => calls.ask<Ranks | null>(index, 'ranks').catch(() => undefined))
      const answers = await Promise.all(asked)
      const known = answers.find((ranks) => ranks !== undefined && ranks !== null)
      if (known) {
        await this.#want(known)
        return true
      }
      // Somebody answered, and nobody knows.
      if (answers.every((ranks) => ranks === null)) return false
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    return false
  }

  async #untilHeard(): Promise<void> {
    if (this.#wanted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS)
      this.#heard = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #want(ranks: Ranks): Promise<void> {
    this.#wanted = ranks
    this.#failures = 0
    await this.#try()
    this.#heard()
  }

  async #try(): Promise<void> {
    clearTimeout(this.#timer)
    const wanted = this.#wanted
    if (!wanted) return
    try {
      await this.#shelf.take(wanted)
    } catch (error) {
      this.#log.error({ err: error, wanted }, 'the policy of the other processes can not rank here yet')
      const delayMs = Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++)
      this.#timer = setTimeout(() => void this.#try(), delayMs)
    }
  }
}
