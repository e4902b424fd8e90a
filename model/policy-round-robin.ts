import type { PeerId } from '../peer/protocol/ids.ts'
import type { CandidateSet } from '../peer/ports/ranker.ts'
import type { Policy } from './policy.ts'

/** The candidate that this node chose longest ago comes first; those it never chose come before all others. */
export class RoundRobinPolicy implements Policy {
  readonly name = 'round-robin'
  readonly version = '1'
  readonly readsFeatures = false
  readonly isScored = false
  readonly #memory: number
  /** Turn of each peer's last choice, oldest first. */
  readonly #turns = new Map<PeerId, number>()
  #turn = 0

  /** `memory`: most peers to remember; the one chosen longest ago is forgotten first. */
  constructor(memory = 4096) {
    this.#memory = memory
  }

  writeKeys(candidates: CandidateSet, keys: Float64Array): void {
    for (let i = 0; i < candidates.count; i++) keys[i] = -(this.#turns.get(candidates.peerIds[i]) ?? 0)
  }

  noteChosen(candidates: CandidateSet, order: ArrayLike<number>, taken: number): void {
    for (let i = 0; i < taken; i++) {
      const peerId = candidates.peerIds[order[i]]
      this.#turns.delete(peerId)
      this.#turns.set(peerId, ++this.#turn)
    }
    for (const peerId of this.#turns.keys()) {
      if (this.#turns.size <= this.#memory) break
      this.#turns.delete(peerId)
    }
  }
}
