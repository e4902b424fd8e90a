import { encode } from '../../../peer/protocol/codec.ts'
import { decodeAll, joinFrames } from '../../../peer/protocol/frames.ts'
import type { LetGo } from '../holdings.ts'
import type { ControlMessage } from '../http-network.ts'
import type { SwarmStats } from '../swarm-stats.ts'
import type { Calls } from './calls.ts'
import { ASKED } from './link.ts'
import type { Mesh } from './mesh.ts'

/** Metrics of one process, as prom-client adds them up. */
export type MetricValues = readonly object[]

/** What a process answers of itself. */
export interface NeighbourDesk {
  exchange(host: string, messages: readonly ControlMessage[]): ControlMessage[] | undefined
  letGo(peerId: string, host: string, isTrusted: boolean): LetGo
  stats(): SwarmStats
  metrics(): Promise<MetricValues>
}

interface Leaving {
  readonly peerId: string
  readonly host: string
  readonly isTrusted: boolean
}

const REFUSED = 0
const TAKEN = Buffer.from([1])

/** The other processes of a cluster, as the data API asks them for what no process knows alone. */
export class Neighbours {
  readonly #mesh: Mesh
  readonly #calls: Calls
  readonly #desk: NeighbourDesk

  constructor(mesh: Mesh, calls: Calls, desk: NeighbourDesk) {
    this.#mesh = mesh
    this.#calls = calls
    this.#desk = desk
    mesh.handle(ASKED.messages, (_from, body, reply) => {
      const host = body.toString('latin1', 1, 1 + body[0])
      const messages = decodeAll(body.subarray(1 + body[0])) as ControlMessage[]
      const answers = desk.exchange(host, messages)
      reply(answers ? Buffer.concat([TAKEN, joinFrames(answers.map(encode))]) : Buffer.from([REFUSED]))
    })
    calls.answer('letGo', (_from, { peerId, host, isTrusted }: Leaving) =>
      desk.letGo(peerId, host, isTrusted),
    )
    calls.answer('stats', () => desk.stats())
    calls.answer('metrics', () => desk.metrics())
  }

  /** Processes that answer, of all. */
  get shards(): { readonly up: number; readonly all: number } {
    return { up: this.#mesh.upCount, all: this.#mesh.place.count }
  }

  /**
   * Has messages heard in their order by the swarms that they are for, and returns the answers; undefined where one was refused:
   * those after it were not heard. Rejects with ShardDownError.
   */
  async exchange(host: string, messages: readonly ControlMessage[]): Promise<ControlMessage[] | undefined> {
    const answers: ControlMessage[] = []
    for (let from = 0; from < messages.length;) {
      const owner = this.#ownerOf(messages[from])
      let until = from + 1
      while (until < messages.length && this.#ownerOf(messages[until]) === owner) until++
      const run = messages.slice(from, until)
      const given =
        owner === undefined ? this.#desk.exchange(host, run) : await this.#exchangeWith(owner, host, run)
      if (!given) return undefined
      answers.push(...given)
      from = until
    }
    return answers
  }

  /** Rejects with ShardDownError where not all answer, as the next two do. */
  letGo(peerId: string, host: string, isTrusted: boolean): Promise<LetGo[]> {
    return this.#calls.askAll('letGo', { peerId, host, isTrusted } satisfies Leaving)
  }

  stats(): Promise<SwarmStats[]> {
    return this.#calls.askAll('stats')
  }

  /** Of this process and of all others that answer. */
  async metrics(): Promise<MetricValues[]> {
    const theirs = this.#mesh.others.map((index) => this.#calls.ask<MetricValues>(index, 'metrics'))
    const told = await Promise.allSettled([this.#desk.metrics(), ...theirs])
    return told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  #ownerOf(message: ControlMessage): number | undefined {
    return 'contentId' in message ? this.#mesh.elsewhere(message.contentId) : undefined
  }

  #exchangeWith(
    owner: number,
    host: string,
    messages: readonly ControlMessage[],
  ): Promise<ControlMessage[] | undefined> {
    const name = Buffer.from(host, 'latin1')
    const body = Buffer.concat([Buffer.from([name.length]), name, joinFrames(messages.map(encode))])
    return new Promise((resolve, reject) => {
      this.#mesh.ask(owner, ASKED.messages, body, 'latin1', (error, reply) => {
        if (error) reject(error)
        else resolve(reply[0] === REFUSED ? undefined : (decodeAll(reply.subarray(1)) as ControlMessage[]))
      })
    })
  }
}
