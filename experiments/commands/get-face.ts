import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import type { PeerStats } from '../../peer/core/stats.ts'
import { durationText } from '../text.ts'
import { chunkGrid, GRID_LEGEND } from './chunk-grid.ts'
import { bytesText, peersText, sourcesText, waitingText, wrapParts } from './peer-text.ts'
import type { PeerFace } from './peer-view.ts'
import { RateMeter } from './rate-meter.ts'

const GRID_ROWS = 4

/** What the face looks at: a peer. */
export interface Watched {
  readonly have: ChunkSet
  readonly fetching: ChunkSet
  readonly stats: PeerStats
  readonly neighbourCount: number
}

/** How a download is doing, chunk by chunk. */
export class GetFace implements PeerFace {
  readonly #role: 'get' | 'serve'
  readonly #manifest: Manifest
  readonly #peer: Watched
  readonly #down: RateMeter
  readonly #up: RateMeter

  constructor(role: 'get' | 'serve', manifest: Manifest, peer: Watched, nowMs = () => performance.now()) {
    this.#role = role
    this.#manifest = manifest
    this.#peer = peer
    this.#down = new RateMeter(nowMs)
    this.#up = new RateMeter(nowMs)
  }

  lines(width: number, isColoured: boolean): string[] {
    const { have, fetching } = this.#peer
    const legend = have.isFull || GRID_LEGEND.length > width ? [] : [GRID_LEGEND]
    return [
      ...chunkGrid(have, fetching, { width, rows: GRID_ROWS, isColoured }),
      ...legend,
      ...wrapParts(this.#parts(), width),
    ]
  }

  summary(): string {
    return this.#parts().join(', ')
  }

  progress(): object {
    const { contentId, name, totalBytes } = this.#manifest
    const { have, fetching, stats, neighbourCount } = this.#peer
    const downloadBps = this.#down.of(stats.downloadedBytes)
    const etaS = this.#etaS(downloadBps)
    return {
      ...{ role: this.#role, contentId, name, totalBytes },
      ...{ chunks: have.size, haveChunks: have.count, fetchingChunks: fetching.count },
      downloadBps: Math.round(downloadBps),
      uploadBps: Math.round(this.#up.of(stats.uploadedBytes)),
      etaS: etaS === undefined ? null : Math.ceil(etaS),
      neighbours: neighbourCount,
      stats,
    }
  }

  #parts(): string[] {
    const { have, stats, neighbourCount } = this.#peer
    const { totalBytes, name } = this.#manifest
    const downBps = this.#down.of(stats.downloadedBytes)
    const upBps = this.#up.of(stats.uploadedBytes)
    const etaS = this.#etaS(downBps)
    return [
      `${name} ${Math.floor((100 * have.count) / have.size)} % of ${bytesText(totalBytes)}`,
      ...(downBps > 0 ? [`${bytesText(downBps)}/s`] : []),
      ...(upBps > 0 ? [`${bytesText(upBps)}/s up`] : []),
      neighbourCount > 0 || have.isFull ? peersText(neighbourCount) : waitingText(stats),
      ...(stats.downloadedBytes > 0 ? [sourcesText(stats)] : []),
      ...(etaS !== undefined ? [`${durationText(etaS)} left`] : []),
    ]
  }

  #etaS(downloadBps: number): number | undefined {
    const { have } = this.#peer
    if (have.isFull || downloadBps <= 0) return undefined
    return (this.#manifest.totalBytes * (1 - have.count / have.size)) / downloadBps
  }
}
