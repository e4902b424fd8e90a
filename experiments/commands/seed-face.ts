import type { SeededContent } from '../../peer/live/compose.ts'
import { bytesText, peersText, wrapParts } from './peer-text.ts'
import type { PeerFace } from './peer-view.ts'
import { RateMeter } from './rate-meter.ts'

/** How a seed is doing. */
export class SeedFace implements PeerFace {
  readonly #contents: readonly SeededContent[]
  readonly #up = new RateMeter()

  constructor(contents: readonly SeededContent[]) {
    this.#contents = contents
  }

  lines(width: number): string[] {
    return wrapParts(this.#parts(), width)
  }

  summary(): string {
    return this.#parts().join(', ')
  }

  progress(): object {
    const { uploadedBytes, neighbours } = this.#sums()
    const [first, ...others] = this.#contents
    return {
      ...(others.length === 0 && { name: first.manifest.name }),
      ...{ role: 'seed', contents: this.#contents.length, neighbours, uploadedBytes },
      uploadBps: Math.round(this.#up.of(uploadedBytes)),
    }
  }

  #parts(): string[] {
    const { uploadedBytes, neighbours } = this.#sums()
    const count = this.#contents.length
    const upBps = this.#up.of(uploadedBytes)
    return [
      `sharing ${count === 1 ? this.#contents[0].manifest.name : `${count} files`}`,
      peersText(neighbours),
      ...(upBps > 0 ? [`${bytesText(upBps)}/s up`] : []),
      `${bytesText(uploadedBytes)} uploaded`,
    ]
  }

  #sums(): { readonly uploadedBytes: number; readonly neighbours: number } {
    let uploadedBytes = 0
    let neighbours = 0
    for (const { peer } of this.#contents) {
      uploadedBytes += peer.stats.uploadedBytes
      neighbours += peer.neighbourCount
    }
    return { uploadedBytes, neighbours }
  }
}
