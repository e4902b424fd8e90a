import type { Census } from '../address-connections.ts'
import { Tally } from '../../core/tally.ts'
import { textHash } from '../../core/text-hash.ts'
import type { Calls } from './calls.ts'
import type { Mesh } from './mesh.ts'

/** Of each bound the processes have this share at once, in equal parts, which they need not ask for. */
const STANDING = 1 / 8

interface Entry {
  readonly key: string
  readonly most: number
}

/** Connections to this process under one key: those beyond its part of the bound are counted by another. */
interface Own {
  open: number
  readonly part: number
}

/**
 * Counts who is connected to any process of a cluster. Each key is counted by one process, for each process apart, so that what
 * a process that has died held is forgotten; to one that has started again the others tell what they hold.
 */
export class SharedCensus implements Census {
  readonly #mesh: Mesh
  readonly #calls: Calls
  readonly #own = new Map<string, Own>()
  /** Connections of each process beyond its part, by the keys that this one counts. */
  readonly #counted: Tally[]

  constructor(mesh: Mesh, calls: Calls) {
    this.#mesh = mesh
    this.#calls = calls
    this.#counted = Array.from({ length: mesh.place.count }, () => new Tally())
    calls.answer('enter', (from, { key, most }: Entry) => this.#admit(from, key, most))
    calls.answer('leave', (from, key: string) => this.#counted[from].remove(key))
    calls.answer('recount', (from, entries: [string, number][]) => {
      this.#counted[from] = new Tally(entries)
    })
    mesh.watchLeaving((from) => {
      this.#counted[from] = new Tally()
    })
    mesh.watch((index) => {
      const theirs = [...this.#own]
        .filter(([key, { open, part }]) => open > part && this.#homeOf(key) === index)
        .map(([key, { open, part }]) => [key, open - part])
      calls.tell(index, 'recount', theirs)
    })
  }

  enter(key: string, most: number): boolean | Promise<boolean> {
    const { count } = this.#mesh.place
    const own = this.#own.get(key) ?? { open: 0, part: Math.floor((most * STANDING) / count) }
    this.#own.set(key, own)
    if (++own.open <= own.part) return true
    const shared = most - own.part * count
    const home = this.#homeOf(key)
    if (home === this.#mesh.place.index) return this.#heed(key, own, this.#admit(home, key, shared))
    return this.#calls.ask<boolean>(home, 'enter', { key, most: shared } satisfies Entry).then(
      (isAdmitted) => this.#heed(key, own, isAdmitted),
      // Who counts is starting again, and will be told.
      () => true,
    )
  }

  leave(key: string): void {
    const own = this.#own.get(key)!
    const home = this.#homeOf(key)
    if (own.open > own.part) {
      if (home === this.#mesh.place.index) this.#counted[home].remove(key)
      else this.#calls.tell(home, 'leave', key)
    }
    this.#close(key, own)
  }

  #heed(key: string, own: Own, isAdmitted: boolean): boolean {
    if (!isAdmitted) this.#close(key, own)
    return isAdmitted
  }

  #close(key: string, own: Own): void {
    if (--own.open === 0) this.#own.delete(key)
  }

  #admit(from: number, key: string, most: number): boolean {
    const total = this.#counted.reduce((sum, counted) => sum + counted.of(key), 0)
    if (total >= most) return false
    this.#counted[from].add(key)
    return true
  }

  #homeOf(key: string): number {
    return textHash(key) % this.#mesh.place.count
  }
}
