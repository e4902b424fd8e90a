import type { Clock } from '../../peer/ports/clock.ts'
import type { Network } from '../../peer/ports/network.ts'
import type { NodeFaults } from '../faults.ts'
import { SimClock } from '../sim-clock.ts'
import type { SimNetwork } from '../sim-network.ts'
import { SkewedClock } from '../skewed-clock.ts'
import { liarFor } from './liar.ts'
import { PausableClock, PausableNetwork, PauseGate } from './pause.ts'
import { SlowAnswers } from './slow-answers.ts'
import { SlowLoris } from './slow-loris.ts'

/** The clock and the network of one session of a program on a host, with the faults that strike it in between. */
export class FaultyPorts {
  readonly clock: Clock
  readonly network: Network
  readonly gate: PauseGate | undefined
  readonly answers: SlowAnswers | undefined
  readonly #pausable: PausableNetwork | undefined
  readonly #simClock: SimClock
  #pausedMs = NaN

  constructor(network: SimNetwork, faults: NodeFaults) {
    const strikes = (kind: string): boolean => faults.timed.some(({ fault }) => fault.kind === kind)
    this.#simClock = new SimClock(network)
    let clock: Clock = this.#simClock
    let port: Network = network
    if (strikes('pause')) {
      this.gate = new PauseGate()
      clock = new PausableClock(clock, this.gate)
      port = this.#pausable = new PausableNetwork(network, this.gate)
    }
    if (faults.skew) clock = new SkewedClock(clock, faults.skew)
    if (strikes('tracker-slow')) port = this.answers = new SlowAnswers(port, clock)
    for (const lie of faults.lies) port = liarFor(lie, port, clock)
    if (faults.trickleBps === 0) port = new SlowLoris(port)
    this.clock = clock
    this.network = port
  }

  /** Bytes of chunks that have reached the host and not the program. */
  get unreadBytes(): number {
    return this.gate?.unreadBytes ?? 0
  }

  /** When the program could do anything last, as its clock tells: now, or when it was stopped. */
  get ranMs(): number {
    return this.gate?.isShut ? this.#pausedMs : this.clock.nowMs()
  }

  pause(): void {
    if (this.gate && !this.gate.isShut) this.#pausedMs = this.clock.nowMs()
    this.#pausable?.pause()
  }

  resume(): void {
    this.#pausable?.resume()
  }

  /** The program has ended: no timer fires any more, and what waits for it is lost. */
  stop(): void {
    this.#simClock.stop()
    this.gate?.drop()
  }
}
