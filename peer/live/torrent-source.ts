import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, PeerId } from '../protocol/ids.ts'
import type { Announcer } from './announce.ts'
import { announcerOf, isAnnounceUrl } from './announce-network.ts'
import { fileError, TorrentError } from './errors.ts'
import { asNamed, GuardedHttp } from './guarded-http.ts'
import { readBounded } from './http-body.ts'
import { type Magnet, parseMagnet } from './magnet.ts'
import { MetadataFetcher } from './metadata-fetcher.ts'
import type { PeerFinder } from './peer-finder.ts'
import type { Rates } from './token-bucket.ts'
import { MAX_TORRENT_BYTES, parseInfo, parseTorrent, type Torrent } from './torrent.ts'
import { announceUrlOf } from './torrent-trackers.ts'
import type { WireLimits } from './wire-limits.ts'

const DOWNLOAD_TIMEOUT_MS = 30_000
/** Trackers are asked again for peers of a magnet link after so long at most. */
const ASK_AGAIN_MS = 15_000
const WANTED = 50

/** A torrent that is known, or a link to one that others must tell. */
export type TorrentSource = { readonly torrent: Torrent } | { readonly magnet: Magnet }

/** Reads what a user names: a `.torrent` file or its URL, a magnet link, an info hash. Rejects with TorrentError or FileError. */
export async function openSource(text: string): Promise<TorrentSource> {
  if (/^magnet:/i.test(text) || /^[0-9a-f]{40}$/i.test(text)) return { magnet: await parseMagnet(text) }
  return {
    torrent: parseTorrent(await (/^https?:\/\//i.test(text) ? download(text) : readTorrentFile(text))),
  }
}

async function readTorrentFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > MAX_TORRENT_BYTES)
        throw new TorrentError(
          'E_TORRENT',
          `invalid torrent: ${path} is larger than ${MAX_TORRENT_BYTES} bytes`,
        )
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError('read', path, error)
  }
}

async function download(url: string): Promise<Uint8Array> {
  try {
    const response = await new GuardedHttp(asNamed).get(url, {
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    })
    if (response.status !== 200) throw new Error(`the server answers ${response.status}`)
    return await readBounded(response, MAX_TORRENT_BYTES)
  } catch (error) {
    const { message } = ((error as { cause?: unknown }).cause ?? error) as Error
    throw new TorrentError('E_TORRENT_URL', `can't fetch ${url}: ${message}`, error)
  }
}

export interface MagnetOptions {
  readonly peerId: PeerId
  readonly port: number
  /** Trackers and peers besides those that the link names. */
  readonly trackers: readonly Address[]
  readonly peers: readonly Address[]
  readonly finders: readonly PeerFinder[]
  readonly limits: WireLimits
  readonly rates: Rates
  readonly signal: AbortSignal
  warning(error: Error): void
}

/** Asks peers for the torrent of a magnet link until one tells it. Rejects where the signal ends it, or nobody can be asked. */
export async function resolveMagnet(magnet: Magnet, options: MagnetOptions): Promise<Torrent> {
  const { infoHash, webSeeds } = magnet
  const trackers = [...new Set([...options.trackers.map(announceUrlOf), ...magnet.trackers])]
  const { peerId, port, limits, rates, signal } = options
  const fetcher = new MetadataFetcher({ infoHash, peerId, limits, rates })
  const swarm = {
    ...{ infoHash, peerId, port, trackers, isPrivate: false },
    figures: () => ({ leftBytes: NaN, uploadedBytes: 0, downloadedBytes: 0 }),
    completed: new Promise<void>(() => {}),
    meet: (address: Address) => fetcher.meet(address),
    adoptStream: fetcher.adoptStream.bind(fetcher),
  }
  const stops = options.finders.map((find) => find(swarm))
  const stop = new AbortController()
  const giveUp = (): void => fetcher.close(new TorrentError('E_LEFT', 'left before the torrent was known'))
  signal.addEventListener('abort', giveUp)
  try {
    if (signal.aborted) giveUp()
    for (const peer of [...options.peers, ...magnet.peers]) fetcher.meet(peer)
    const either = AbortSignal.any([signal, stop.signal])
    for (const url of trackers)
      if (isAnnounceUrl(url)) void askTracker(announcerOf(url), url, swarm, options, either)
    return parseInfo(await fetcher.info, { trackers: magnet.trackers, webSeeds })
  } finally {
    signal.removeEventListener('abort', giveUp)
    stop.abort()
    for (const stopFinding of stops) stopFinding()
    fetcher.close(new Error('done'))
  }
}

async function askTracker(
  announce: Announcer,
  url: string,
  { infoHash, meet }: { readonly infoHash: string; meet(address: Address): void },
  { peerId, port, trackers, warning }: MagnetOptions,
  signal: AbortSignal,
): Promise<void> {
  const request = { infoHash, peerId, port, uploadedBytes: 0, downloadedBytes: 0, wanted: WANTED, key: 0 }
  const isNamedByUser = trackers.map(announceUrlOf).includes(url)
  while (!signal.aborted) {
    let pauseMs = ASK_AGAIN_MS
    try {
      // What is left is not known; above 0 it is no seed's.
      const answer = await announce(
        url,
        { ...request, leftBytes: 1, event: 'started' },
        signal,
        isNamedByUser,
      )
      for (const { address } of answer.peers) meet(address)
      pauseMs = Math.min(pauseMs, answer.intervalMs)
    } catch (error) {
      if (!signal.aborted) warning(error as Error)
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}
