import { ASKED } from './link.ts'
import type { Mesh } from './mesh.ts'

type Answer = (from: number, given: never) => unknown

/** Questions that are asked seldom, by name, in JSON. */
export class Calls {
  readonly #mesh: Mesh
  readonly #answers = new Map<string, Answer>()

  constructor(mesh: Mesh) {
    this.#mesh = mesh
    mesh.handle(ASKED.call, (from, body, reply) => {
      const { name, given } = JSON.parse(body.toString('utf8')) as { name: string; given: never }
      void Promise.resolve()
        .then(() => this.#answers.get(name)!(from, given))
        .then(
          (value) => reply(JSON.stringify({ value }), 'utf8'),
          (error: Error) => reply(JSON.stringify({ error: error.message }), 'utf8'),
        )
    })
  }

  /** Answers questions of a name; what is given and what is answered must be JSON. */
  answer<T>(name: string, answer: (from: number, given: T) => unknown): void {
    this.#answers.set(name, answer)
  }

  /** Rejects with ShardDownError where the process does not answer. */
  ask<T>(index: number, name: string, given: unknown = null): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#mesh.ask(index, ASKED.call, JSON.stringify({ name, given }), 'utf8', (failed, body) => {
        if (failed) return reject(failed)
        const { value, error } = JSON.parse(body.toString('utf8')) as { value: T; error?: string }
        if (error === undefined) resolve(value)
        else reject(new Error(error))
      })
    })
  }

  /** Says something that needs no answer. */
  tell(index: number, name: string, given: unknown): void {
    this.#mesh.tell(index, ASKED.call, JSON.stringify({ name, given }), 'utf8')
  }

  /** Asks all others. Rejects where one does not answer. */
  askAll<T>(name: string, given: unknown = null): Promise<T[]> {
    return Promise.all(this.#mesh.others.map((index) => this.ask<T>(index, name, given)))
  }
}
