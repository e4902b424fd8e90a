import type { Census } from '../address-connections.ts'
import { textHash } from '../text-hash.ts'
import type { Calls } from './calls.ts'
import type { Mesh } from './mesh.ts'

interface Entry {
  readonly key: string
  readonly most: number
}

type Tally = Map<string, number>

/**
 * Counts who is connected to any process of a cluster. Each key is counted by one process, for each process apart, so that what
 * a process that has died held is forgotten; to one that has started again the others tell what they hold.
 */
export class SharedCensus implements Census {
  readonly #mesh: Mesh
  readonly #calls: Calls
  /** Connections to this process. */
  readonly #own: Tally = new Map()
  /** Connections to each process, by the keys that this one counts. */
  readonly #counted: Tally[]

  constructor(mesh: Mesh, calls: Calls) {
    this.#mesh = mesh
    this.#calls = calls
    this.#counted = Array.from({ length: mesh.place.count }, () => new Map<string, number>())
    calls.answer('enter', (from, { key, most }: Entry) => this.#admit(from, key, most))
    calls.answer('leave', (from, key: string) => {
      add(this.#counted[from], key, -1)
    })
    calls.answer('recount', (from, entries: [string, number][]) => {
      this.#counted[from] = new Map(entries)
    })
    mesh.watchLeaving((from) => this.#counted[from].clear())
    mesh.watch((index) => {
      const theirs = [...this.#own].filter(([key]) => this.#homeOf(key) === index)
      calls.ask(index, 'recount', theirs).catch(() => undefined)
    })
  }

  enter(key: string, most: number): boolean | Promise<boolean> {
    const home = this.#homeOf(key)
    add(this.#own, key, 1)
    if (home === this.#mesh.place.index) {
      const isAdmitted = this.#admit(home, key, most)
      if (!isAdmitted) add(this.#own, key, -1)
      return isAdmitted
    }
    return this.#calls.ask<boolean>(home, 'enter', { key, most } satisfies Entry).then(
      (isAdmitted) => {
        if (!isAdmitted) add(this.#own, key, -1)
        return isAdmitted
      },
      // Who counts is starting again, and will be told.
      () => true,
    )
  }

  leave(key: string): void {
    const home = this.#homeOf(key)
    add(this.#own, key, -1)
    if (home === this.#mesh.place.index) add(this.#counted[home], key, -1)
    else this.#calls.ask(home, 'leave', key).catch(() => undefined)
  }

  #admit(from: number, key: string, most: number): boolean {
    const total = this.#counted.reduce((sum, tally) => sum + (tally.get(key) ?? 0), 0)
    if (total >= most) return false
    add(this.#counted[from], key, 1)
    return true
  }

  #homeOf(key: string): number {
    return textHash(key) % this.#mesh.place.count
  }
}

function add(tally: Tally, key: string, change: number): void {
  const count = (tally.get(key) ?? 0) + change
  if (count > 0) tally.set(key, count)
  else tally.delete(key)
}
