import type { Ranker } from '../peer/ports/ranker.ts'
import type { PeerId } from '../peer/protocol/ids.ts'
import type { Oracle } from './oracle.ts'
import { labelOf, type Tracer } from './trace.ts'
import type { CreateRanker } from './world-context.ts'

/** Makes rankers that tell of their decisions. */
export const traceRankers =
  (create: CreateRanker, tracer: Tracer): CreateRanker =>
  (place, label, random, oracle) =>
    traced(create(place, label, random, oracle), tracer, label, oracle)

/** The ranker itself, so that whatever else it can do stays as it is. */
function traced(ranker: Ranker, tracer: Tracer, label: string, oracle: Oracle): Ranker {
  const nameOf = (peerId: PeerId): string => {
    const host = oracle.hostOf(peerId)
    return host ? labelOf(host.address) : peerId.slice(0, 8)
  }
  const rank = ranker.rank.bind(ranker)
  ranker.rank = (candidates, wanted) => {
    const ranking = rank(candidates, wanted)
    const { place, count, peerIds, requesterId } = candidates
    const { order, propensity, explored } = ranking
    const choice = { candidates: count, chosen: nameOf(peerIds[order[0]]), propensity, explored }
    const named = { for: nameOf(requesterId), named: Math.min(wanted, order.length) }
    tracer.tell(label, 'decide', place === 'peer' ? choice : { ...choice, ...named })
    return ranking
  }
  return ranker
}
