import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const TRACKER_KINDS = ['seedbed', 'bittorrent-tracker'] as const
export type TrackerKind = (typeof TRACKER_KINDS)[number]

/** What a child is asked: how much it has used, with or without collecting garbage first. */
export type ChildQuestion = 'usage' | 'collect'
export type ChildAnswer =
  | { readonly kind: 'up'; readonly port: number; readonly udpPort: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | ({ readonly kind: 'usage' } & Usage)

export interface Usage {
  /** CPU time of all threads so far, microseconds. */
  readonly cpuMicros: number
  readonly residentBytes: number
}

/** A tracker under load, alone in its process. */
export class TrackerProcess {
  readonly kind: TrackerKind
  readonly port: number
  readonly udpPort: number
  readonly #child: ChildProcess

  private constructor(kind: TrackerKind, child: ChildProcess, port: number, udpPort: number) {
    this.kind = kind
    this.port = port
    this.udpPort = udpPort
    this.#child = child
  }

  /** `proxied`: it believes what the generator says of where an announce came from. */
  static async start(kind: TrackerKind, place: 'direct' | 'proxied' = 'direct'): Promise<TrackerProcess> {
    const child = fork(fileURLToPath(new URL('./tracker-child.js', import.meta.url)), [kind, place], {
      execArgv: ['--expose-gc'],
    })
    const [answer] = (await once(child, 'message')) as [ChildAnswer]
    if (answer.kind === 'up') return new TrackerProcess(kind, child, answer.port, answer.udpPort)
    child.disconnect()
    throw new Error(`${kind} did not start: ${answer.kind === 'failed' ? answer.reason : answer.kind}`)
  }

  async usage(question: ChildQuestion = 'usage'): Promise<Usage> {
    this.#child.send(question)
    const [answer] = (await once(this.#child, 'message')) as [Usage]
    return answer
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
