import magnet from 'parse-torrent'
import { isEndpoint } from '../protocol/endpoint.ts'
import { type Address, quote } from '../protocol/ids.ts'
import { TorrentError } from './errors.ts'
import { type Torrent, urlsOf } from './torrent.ts'

/** What a magnet link tells (BEP 9). */
export interface Magnet {
  readonly infoHash: string
  readonly name: string | undefined
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** Peers named in the link (`x.pe`). */
  readonly peers: readonly Address[]
}

const LONGEST_LINK = 32 * 1024
const MOST_PEERS = 50

/** Reads a magnet link, or an info hash alone. Rejects with TorrentError. */
export async function parseMagnet(text: string): Promise<Magnet> {
  const parsed = text.length > LONGEST_LINK ? undefined : await magnet(text).catch(() => undefined)
  const infoHash = String(parsed?.infoHash ?? '').toLowerCase()
  if (!parsed || !/^[0-9a-f]{40}$/.test(infoHash))
    throw new TorrentError(
      'E_MAGNET',
      `invalid magnet link: ${quote(text)} (magnet:?xt=urn:btih:… with the info hash of a BitTorrent v1 torrent expected)`,
    )
  const peers = (parsed as { peerAddresses?: unknown }).peerAddresses
  return {
    infoHash,
    name: typeof parsed.name === 'string' ? parsed.name : undefined,
    trackers: urlsOf(parsed.announce),
    webSeeds: urlsOf(parsed.urlList ?? []),
    peers: (Array.isArray(peers) ? peers : []).filter(isEndpoint).slice(0, MOST_PEERS),
  }
}

/** The magnet link of a torrent. */
export function magnetOf({ infoHash, manifest, trackers, webSeeds }: Torrent): string {
  const fields = [`xt=urn:btih:${infoHash}`, `dn=${encodeURIComponent(manifest.name)}`]
  for (const url of trackers) fields.push(`tr=${encodeURIComponent(url)}`)
  for (const url of webSeeds) fields.push(`ws=${encodeURIComponent(url)}`)
  return `magnet:?${fields.join('&')}`
}
