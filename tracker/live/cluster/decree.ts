import type { Logger } from 'pino'
import { ADMIN_HOME } from '../api/admin-home.ts'
import type { Cluster } from './cluster.ts'

const FIRST_RETRY_MS = 500
const MOST_RETRY_MS = 30_000
/** How long a process that starts asks what holds, and how long it waits to hear where nothing has held before. */
const ASKING_MS = 2_000
const PATIENCE_MS = 10_000
const LOOK_MS = 20

export interface DecreeOptions<T> {
  readonly name: string
  /** Lets a value hold in this process; what fails is tried again. */
  readonly take: (value: T) => Promise<void>
  readonly log: Logger
}

/**
 * A value that one process of a cluster, the one that takes requests of admins, decides for all. It tells the others, whenever a
 * link to one comes up too; a process that starts again can ask them. Whatever happens in between, who has heard the last value
 * lets it hold.
 */
export class Decree<T> {
  readonly #cluster: Cluster
  readonly #options: DecreeOptions<T>
  /** What is to hold everywhere; undefined where this process has not heard. */
  #value: T | undefined
  #heard: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0

  constructor(cluster: Cluster, options: DecreeOptions<T>) {
    this.#cluster = cluster
    this.#options = options
    const { calls, mesh } = cluster
    calls.answer(`${options.name}?`, () => this.#value ?? null)
    calls.answer(options.name, (_from, value: T) => this.#want(value))
    if (this.isHome) mesh.watch((index) => void this.#tell(index))
  }

  /** Whether it is this process that decides. */
  get isHome(): boolean {
    return this.#cluster.mesh.elsewhere(ADMIN_HOME) === undefined
  }

  /** Tells all others what holds here already; those that do not answer hear of it when they are back. */
  async proclaim(value: T): Promise<void> {
    this.#value = value
    await Promise.all(this.#cluster.mesh.others.map((index) => this.#tell(index)))
  }

  /** Asks the others, and lets hold what they know; returns whether one knew. */
  async learn(): Promise<boolean> {
    const { calls, mesh } = this.#cluster
    const untilMs = performance.now() + ASKING_MS
    while (mesh.others.length > 0 && performance.now() < untilMs) {
      const asked = mesh.others.map((index) =>
        calls.ask<T | null>(index, `${this.#options.name}?`).catch(() => undefined),
      )
      const answers = await Promise.all(asked)
      const known = answers.find((value) => value !== undefined && value !== null)
      if (known) {
        await this.#want(known)
        return true
      }
      if (answers.every((value) => value === null)) return false
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    return false
  }

  /** Resolves when this process has heard what is to hold, or after a while. */
  async untilHeard(): Promise<void> {
    if (this.#value !== undefined) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS)
      this.#heard = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#value = undefined
  }

  async #tell(index: number): Promise<void> {
    if (this.#value === undefined) return
    await this.#cluster.calls.ask(index, this.#options.name, this.#value).catch(() => undefined)
  }

  async #want(value: T): Promise<void> {
    this.#value = value
    this.#failures = 0
    await this.#try()
    this.#heard()
  }

  async #try(): Promise<void> {
    clearTimeout(this.#timer)
    const value = this.#value
    if (value === undefined) return
    const { name, take, log } = this.#options
    try {
      await take(value)
    } catch (error) {
      log.error({ err: error, name }, 'what holds in the other processes can not hold here yet')
      const delayMs = Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++)
      this.#timer = setTimeout(() => void this.#try(), delayMs)
    }
  }
}
