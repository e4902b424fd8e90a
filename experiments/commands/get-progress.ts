import { clearScreenDown, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'
import type { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import type { PeerStats } from '../../peer/core/stats.ts'
import type { ProgressStream } from '../status-block.ts'
import { durationText, numberText } from '../text.ts'
import { RateMeter } from './rate-meter.ts'

const REDRAW_MS = 200
/** Piped output gets a line at least this far apart. */
const LINE_EVERY_MS = 5_000
const GRID_ROWS = 4
const SHADES = ['·', '░', '▒', '▓', '█'] as const

/** What the view looks at. */
export interface Watched {
  readonly have: ChunkSet
  readonly stats: PeerStats
  readonly neighbourCount: number
}

/** Shows a download chunk by chunk at a terminal, and now and then as a line otherwise. */
export class GetProgress {
  readonly #stream: ProgressStream
  readonly #manifest: Manifest
  readonly #peer: Watched
  readonly #rate: RateMeter
  readonly #timer: NodeJS.Timeout
  #lines = 0

  constructor(stream: ProgressStream, manifest: Manifest, peer: Watched, nowMs = () => performance.now()) {
    this.#stream = stream
    this.#manifest = manifest
    this.#peer = peer
    this.#rate = new RateMeter(nowMs)
    const isTerminal = stream.isTTY === true
    this.#timer = setInterval(() => this.refresh(), isTerminal ? REDRAW_MS : LINE_EVERY_MS)
    if (isTerminal) this.refresh()
  }

  /** Shows how far the download is. */
  refresh(): void {
    this.#erase()
    const width = (this.#stream.columns || 80) - 1
    const lines = this.#stream.isTTY === true ? [...this.#grid(width), this.#summary()] : [this.#summary()]
    this.#stream.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''))
    this.#lines = this.#stream.isTTY === true ? lines.length : 0
  }

  /** Takes the live display away. */
  close(): void {
    clearInterval(this.#timer)
    this.#erase()
  }

  /** Each character stands for as many chunks as are needed to fit them all. */
  #grid(width: number): string[] {
    const { have } = this.#peer
    const perCell = Math.ceil(have.size / (width * GRID_ROWS))
    const cells: string[] = []
    for (let from = 0; from < have.size; from += perCell) {
      const to = Math.min(have.size, from + perCell)
      let held = 0
      for (let chunk = from; chunk < to; chunk++) if (have.has(chunk)) held++
      cells.push(SHADES[held === to - from ? 4 : Math.ceil((3 * held) / (to - from))])
    }
    const rows: string[] = []
    for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width).join(''))
    return rows
  }

  #summary(): string {
    const { have, stats, neighbourCount } = this.#peer
    const { totalBytes, name } = this.#manifest
    const gotBytes = (have.count / have.size) * totalBytes
    const bps = this.#rate.of(stats.downloadedBytes)
    const peers = `${neighbourCount} ${neighbourCount === 1 ? 'peer' : 'peers'}`
    const parts = [`${name} ${Math.floor((100 * have.count) / have.size)} % of ${bytesText(totalBytes)}`]
    if (bps > 0) parts.push(`${bytesText(bps)}/s`)
    parts.push(neighbourCount > 0 ? peers : waitingText(stats))
    if (stats.downloadedBytes > 0) parts.push(sourcesText(stats))
    if (bps > 0 && !have.isFull) parts.push(`${durationText((totalBytes - gotBytes) / bps)} left`)
    return parts.join(', ')
  }

  #erase(): void {
    if (this.#lines === 0) return
    moveCursor(this.#stream as WriteStream, 0, -this.#lines)
    clearScreenDown(this.#stream as WriteStream)
    this.#lines = 0
  }
}

const waitingText = ({ announces, failedAnnounces }: PeerStats): string =>
  failedAnnounces > 0 && failedAnnounces >= announces
    ? 'the tracker does not answer, trying again'
    : 'waiting for a peer'

/** Who sent the bytes so far. */
export function sourcesText(stats: PeerStats): string {
  const { fromOriginBytes, fromSeedBytes, fromPeerBytes } = stats
  const total = fromOriginBytes + fromSeedBytes + fromPeerBytes
  const share = (bytes: number, who: string): string[] =>
    bytes > 0 ? [`${Math.round((100 * bytes) / total)} % from ${who}`] : []
  return [
    ...share(fromSeedBytes, 'seeds'),
    ...share(fromPeerBytes, 'other peers'),
    ...share(fromOriginBytes, 'the origin'),
  ].join(' and ')
}

/** An amount of data as people read it: `812 B`, `1.5 kB`, `64 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 ? Math.round(value) : Number(numberText(value, value < 100 ? 2 : 3))} ${units[step]}`
}
