import type { Logger } from 'pino'
import type { Revocation } from '../../../peer/ports/outcome-store.ts'
import type { Revocations } from '../revocations.ts'
import type { Cluster } from './cluster.ts'
import { Decree } from './decree.ts'

/** Lets tokens that one process has revoked do at none of them, from the answer on. */
export class SharedRevocations {
  readonly #decree: Decree<readonly Revocation[]>
  readonly #isReplacement: boolean

  constructor(cluster: Cluster, revocations: Revocations, log: Logger) {
    const take = (list: readonly Revocation[]): Promise<void> => revocations.take(list)
    this.#decree = new Decree(cluster, { name: 'revoked', take, log })
    this.#isReplacement = cluster.place.isReplacement
    if (this.#decree.isHome) revocations.whenChanged = () => this.#decree.proclaim(revocations.list())
  }

  /** Where there is no store the others alone know what was revoked. */
  async start(): Promise<void> {
    if (this.#isReplacement) await this.#decree.learn()
  }

  stop(): void {
    this.#decree.stop()
  }
}
