import bencode from 'bencode'
import { formatEndpoint, isEndpoint } from '../protocol/endpoint.ts'
import { quote } from '../protocol/ids.ts'
import {
  type AnnounceAnswer,
  type AnnouncedPeer,
  type AnnounceRequest,
  intervalMs,
  MOST_ANNOUNCED,
} from './announce.ts'
import { parseCompactPeers } from './compact-peers.ts'
import { TrackerError } from './errors.ts'
import { asNamed, asTracker, GuardedHttp } from './guarded-http.ts'
import { readBounded } from './http-body.ts'

const TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = 256 * 1024

/** Announces to a tracker over HTTP (BEP 3, BEP 7, BEP 23). Rejects with TrackerError. */
export async function announceHttp(
  url: string,
  request: AnnounceRequest,
  signal: AbortSignal,
  isNamedByUser: boolean,
): Promise<AnnounceAnswer> {
  let body: Uint8Array
  try {
    const http = new GuardedHttp(isNamedByUser ? asNamed : asTracker(url))
    const response = await http.get(`${url}${url.includes('?') ? '&' : '?'}${queryOf(request)}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    body = await readBounded(response, MAX_ANSWER_BYTES)
  } catch (error) {
    const { message, code } = ((error as { cause?: unknown }).cause ?? error) as Error & { code?: string }
    throw new TrackerError(
      'E_TRACKER_UNREACHABLE',
      `tracker ${url} can't be reached: ${message || code}`,
      error,
    )
  }
  return parseAnswer(url, body)
}

function queryOf(request: AnnounceRequest): string {
  const { infoHash, peerId, port, uploadedBytes, downloadedBytes, leftBytes, event, wanted, key } = request
  const fields = [
    `info_hash=${percent(infoHash)}`,
    `peer_id=${percent(peerId)}`,
    `port=${port}`,
    `uploaded=${uploadedBytes}`,
    `downloaded=${downloadedBytes}`,
    `left=${leftBytes}`,
    `numwant=${wanted}`,
    `key=${key.toString(16).padStart(8, '0')}`,
    'compact=1',
  ]
  if (event !== 'update') fields.push(`event=${event}`)
  return fields.join('&')
}

const percent = (hex: string): string => hex.replace(/../g, '%$&')

function parseAnswer(url: string, body: Uint8Array): AnnounceAnswer {
  let answer: Record<string, unknown>
  try {
    answer = bencode.decode(body) as Record<string, unknown>
    if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) throw new TypeError()
  } catch (error) {
    throw new TrackerError(
      'E_TRACKER_ANSWER',
      `tracker ${url} did not answer as a tracker does: ${quote(Buffer.from(body.subarray(0, 80)).toString())}`,
      error,
    )
  }
  const reason = answer['failure reason']
  if (reason instanceof Uint8Array)
    throw new TrackerError(
      'E_TRACKER_REFUSED',
      `tracker ${url} refuses: ${Buffer.from(reason.subarray(0, 200)).toString()}`,
    )
  const peers = [...peersOf(answer['peers'], 4), ...peersOf(answer['peers6'], 16)]
  return {
    intervalMs: intervalMs(answer['interval']),
    seeds: Number(answer['complete']) || 0,
    leechers: Number(answer['incomplete']) || 0,
    peers: peers.slice(0, MOST_ANNOUNCED),
  }
}

function peersOf(peers: unknown, ipBytes: 4 | 16): AnnouncedPeer[] {
  if (peers instanceof Uint8Array)
    return parseCompactPeers(peers, ipBytes, MOST_ANNOUNCED).map((address) => ({
      address,
      peerId: undefined,
    }))
  if (!Array.isArray(peers)) return []
  return peers.slice(0, MOST_ANNOUNCED).flatMap((peer) => peerOf(peer as Record<string, unknown>))
}

function peerOf(peer: Record<string, unknown>): AnnouncedPeer[] {
  const { ip, port, 'peer id': id } = peer ?? {}
  if (!(ip instanceof Uint8Array) || ip.length > 253) return []
  const address = formatEndpoint(Buffer.from(ip).toString(), Number(port))
  if (!isEndpoint(address)) return []
  const peerId = id instanceof Uint8Array && id.length === 20 ? Buffer.from(id).toString('hex') : undefined
  return [{ address, peerId }]
}
