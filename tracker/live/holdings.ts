import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { hostFamily } from './bittorrent.ts'
import { formatEndpoint, parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { quote } from '../../peer/protocol/ids.ts'
import type { Member } from '../core/member.ts'
import type { Swarm } from '../core/swarm.ts'
import type { Tracker } from '../core/tracker.ts'
import { checkPeerId, type ContentKey } from './content-key.ts'
import { HttpError } from './errors.ts'

/** A peer says that it holds chunks. */
export interface Holding {
  readonly content: ContentKey
  readonly peerId: string
  /** Where the request came from. */
  readonly host: string
  /** Port that it takes connections at; undefined where it takes none. */
  readonly port: number | undefined
  readonly region: string
  readonly chunks: readonly number[]
  /** How many chunks the content has. */
  readonly chunkCount: number
  /** Whether the caller may speak for peers at other addresses. */
  readonly isTrusted: boolean
}

/** In how many swarms a peer was found, and how many it has left. */
export interface LetGo {
  readonly found: number
  readonly left: number
}

/** Peers that tell of chunks one by one, and that take their leave, through the data API. */
export class Holdings {
  /** A peer that has been silent for so long is forgotten. */
  readonly expiryMs: number
  readonly #tracker: Tracker

  constructor(tracker: Tracker, expiryMs: number) {
    this.#tracker = tracker
    this.expiryMs = expiryMs
  }

  /** Adds chunks to what a peer is known to hold; it joins the swarm where it is not in it. Throws HttpError. */
  register(holding: Holding): { swarm: Swarm; member: Member } {
    const { content, peerId, host, port, region, chunkCount, isTrusted } = holding
    checkPeerId(content, peerId)
    if (port === undefined && content.kind !== 'name')
      throw new HttpError(
        400,
        'E_INVALID',
        'missing body.port (the port that this peer takes connections at)',
      )
    const before = this.#tracker.swarm(content.swarm)?.get(peerId)
    if (before && !isTrusted) checkOwner(before, host)
    const chunks = before ? before.chunks.clone() : new ChunkSet(chunkCount)
    for (const chunk of holding.chunks) {
      if (chunk >= chunks.size)
        throw new HttpError(400, 'E_CHUNK', `invalid chunk: ${chunk} (0 to ${chunks.size - 1})`)
      chunks.add(chunk)
    }
    const isDone = chunks.isFull && before?.chunks.isFull === false
    const answer = this.#tracker.announce({
      ...{ contentId: content.swarm, peerId, region, chunks, wanted: 0 },
      address: formatEndpoint(host, port ?? 0),
      family: hostFamily(host),
      event: isDone ? 'completed' : before ? 'update' : 'started',
      isOrigin: before?.isOrigin ?? false,
      uploadSlots: before?.uploadSlots ?? NaN,
      active: before?.active ?? NaN,
      queued: before?.queued ?? NaN,
      isTrusted,
      uploadedBytes: before?.uploadedBytes ?? 0,
      downloadedBytes: 0,
    })
    if (!answer)
      throw new HttpError(
        409,
        'E_REFUSED',
        'the tracker refuses: a limit is reached, or the content has another size',
      )
    return { swarm: answer.swarm, member: answer.swarm.get(peerId)! }
  }

  /** The host that a peer is known at; undefined where it is not. */
  hostOf({ swarm }: ContentKey, peerId: string): string | undefined {
    const address = this.#tracker.swarm(swarm)?.get(peerId)?.address
    return address === undefined || address === '' ? undefined : parseEndpoint(address).host
  }

  /** Throws HttpError where a peer is known to be at another address than the one that speaks for it. */
  checkSpeaker({ swarm }: ContentKey, peerId: string, host: string): void {
    const member = this.#tracker.swarm(swarm)?.get(peerId)
    if (member && member.address !== '') checkOwner(member, host)
  }

  /** Lets a peer go from one swarm, or from all, where the host may speak for it. */
  letGo(peerId: string, host: string, isTrusted: boolean, only?: ContentKey): LetGo {
    const swarms = only ? [this.#tracker.swarm(only.swarm)] : [...this.#tracker.swarms()]
    const found = swarms.flatMap((swarm) => {
      const member = swarm?.get(peerId)
      return swarm && member ? [{ contentId: swarm.contentId, member }] : []
    })
    const own = found.filter(({ member }) => isTrusted || isOwner(member, host))
    for (const { contentId } of own) this.#tracker.leave(contentId, peerId)
    return { found: found.length, left: own.length }
  }
}

/** How many swarms a peer has left, all told. Throws HttpError where it is in some and may leave none. */
export function swarmsLeft(peerId: string, told: readonly LetGo[]): number {
  const left = told.reduce((sum, one) => sum + one.left, 0)
  if (left === 0 && told.some(({ found }) => found > 0)) throw notYours(peerId)
  return left
}

/** Peer ids are no secret: who speaks for one is known by the address that it came from. */
function checkOwner(member: Member, host: string): void {
  if (!isOwner(member, host)) throw notYours(member.peerId)
}

function isOwner({ address }: Member, host: string): boolean {
  return address !== '' && parseEndpoint(address).host === parseEndpoint(formatEndpoint(host, 0)).host
}

const notYours = (peerId: string): HttpError =>
  new HttpError(
    403,
    'E_NOT_YOURS',
    `peer ${quote(peerId)} came from another address (a token of the role admin may speak for it)`,
  )

/** Where a member takes connections; null where it takes none. */
export const dialable = ({ address }: Member): string | null =>
  address === '' || address.endsWith(':0') ? null : address
