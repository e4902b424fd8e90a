import { isDigest, isPeerId, quote } from '../../peer/protocol/ids.ts'
import { HttpError } from './errors.ts'

/** A content as a caller of the data API names it. */
export interface ContentKey {
  /** `content`: a content id; `torrent`: an info hash; `name`: the name of a file at the origin. */
  readonly kind: 'content' | 'torrent' | 'name'
  /** As the caller gave it, hashes in lower case. */
  readonly ref: string
  /** What its swarm goes by in the tracker. */
  readonly swarm: string
}

/** Names that a hash can't have, so that nobody reaches a swarm of hashes by name, and the other way round. */
const NAME_PREFIX = 'name:'

export function contentKey(ref: string): ContentKey {
  const hash = ref.toLowerCase()
  if (isDigest(hash)) return { kind: 'content', ref: hash, swarm: hash }
  if (isPeerId(hash)) return { kind: 'torrent', ref: hash, swarm: hash }
  return { kind: 'name', ref, swarm: `${NAME_PREFIX}${ref}` }
}

/** Refuses a peer id that other parts of the tracker could not pass on. Throws HttpError. */
export function checkPeerId({ kind }: ContentKey, peerId: string): void {
  if (kind !== 'name' && !isPeerId(peerId))
    throw new HttpError(
      400,
      'E_INVALID',
      `invalid peer: ${quote(peerId)} (40 hex digits expected where the content is named by a hash)`,
    )
}
