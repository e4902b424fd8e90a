import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import type { CandidateRanking } from './candidate-ranking.ts'
import type { Member } from './member.ts'
import type { Swarm } from './swarm.ts'

/** Who holds one chunk, as the requester should ask them: best first, origins last. */
export interface ChunkHolders {
  readonly chunk: number
  readonly holders: readonly Member[]
}

export interface ChunkMapQuery {
  readonly firstChunk: number
  readonly chunks: number
  /** Most holders named of one chunk. */
  readonly holders: number
}

/**
 * Holders of a stretch of a swarm's chunks, for one requester. One decision orders a pool of members, drawn among all who
 * hold some of it; a chunk that nobody of the pool holds is given a member that does.
 */
export function chunkMap(
  swarm: Swarm,
  ranking: CandidateRanking,
  requester: Member,
  { firstChunk, chunks, holders }: ChunkMapQuery,
): ChunkHolders[] {
  const end = Math.min(firstChunk + chunks, swarm.chunkCount)
  const wanted = new ChunkSet(swarm.chunkCount)
  for (let chunk = firstChunk; chunk < end; chunk++) if (swarm.holderCount(chunk) > 0) wanted.add(chunk)
  if (wanted.count === 0) return []
  const holdsSome = ({ chunks: held }: Member, of = wanted): boolean => shareSome(held, of, firstChunk, end)
  const ranked = ranking.chooseAmong(swarm, requester, (member) => holdsSome(member))
  for (const member of coverRest(swarm, requester, ranked, wanted, holdsSome)) ranked.push(member)
  const listed = [...ranked, ...swarm.origins.filter((origin) => origin !== requester)]
  const map: ChunkHolders[] = []
  for (let chunk = firstChunk; chunk < end; chunk++) {
    const found = takeHolders(listed, chunk, holders)
    if (found.length > 0) map.push({ chunk, holders: found })
  }
  return map
}

function takeHolders(members: readonly Member[], chunk: number, most: number): Member[] {
  const found: Member[] = []
  for (const member of members) {
    if (found.length === most) break
    if (member.chunks.has(chunk)) found.push(member)
  }
  return found
}

/** Members that together hold what of `wanted` the ranked ones lack. */
function coverRest(
  swarm: Swarm,
  requester: Member,
  ranked: readonly Member[],
  wanted: ChunkSet,
  holdsSome: (member: Member, of: ChunkSet) => boolean,
): readonly Member[] {
  const missing = wanted.clone()
  const take = ({ chunks }: Member): void => chunks.forEach((chunk) => missing.delete(chunk))
  ranked.forEach(take)
  const extra: Member[] = []
  for (const member of swarm.members()) {
    if (missing.count === 0) break
    if (member === requester || member.isOrigin || !holdsSome(member, missing)) continue
    extra.push(member)
    take(member)
  }
  return extra
}

/** Whether two sets share a chunk; `b` holds none outside `first` to `end`. */
function shareSome(a: ChunkSet, b: ChunkSet, first: number, end: number): boolean {
  for (let i = first >>> 5; i <= (end - 1) >>> 5; i++) if ((a.words[i] & b.words[i]) !== 0) return true
  return false
}
