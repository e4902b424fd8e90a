import { FEATURE_COUNT, FEATURE_INDEX } from '../../peer/protocol/features.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { ContentId, PeerId } from '../../peer/protocol/ids.ts'
import type { TrackerPorts } from '../../peer/ports/ports.ts'
import type { CandidateSet, Ranker, Ranking } from '../../peer/ports/ranker.ts'
import type { Member } from './member.ts'
import type { SwarmPolicies, TrackerOptions } from './options.ts'
import { Sampler } from './sampler.ts'
import type { Swarm } from './swarm.ts'

const F = FEATURE_INDEX

/** Chooses and orders the members that one announce is answered with. */
export class CandidateRanking {
  /** Of those chosen last, in their order: the members themselves lie scattered in memory. */
  readonly endpoints: Float64Array
  readonly #ports: TrackerPorts
  readonly #options: TrackerOptions
  readonly #sampler = new Sampler()
  /** Positions of the members that are ranked. */
  readonly #pool: Uint32Array
  readonly #masked: readonly number[]
  readonly #ids: PeerId[] = []
  readonly #features: Float32Array
  readonly #set: { -readonly [K in keyof CandidateSet]: CandidateSet[K] }

  constructor(ports: TrackerPorts, options: TrackerOptions) {
    this.#ports = ports
    this.#options = options
    this.#masked = (options.maskedFeatures ?? []).map((name) => FEATURE_INDEX[name])
    // One more than the pool holds, in case the requester is drawn.
    this.#pool = new Uint32Array(options.settings.candidatePool + 1)
    this.endpoints = new Float64Array(Math.max(options.settings.candidatePool, LIMITS.candidates))
    this.#features = new Float32Array(options.settings.candidatePool * FEATURE_COUNT).fill(NaN)
    this.#set = { place: 'tracker', requesterId: '', count: 0, peerIds: this.#ids, features: this.#features }
  }

  /** Who ranks for a swarm at this moment. */
  policiesOf(contentId: ContentId): SwarmPolicies {
    return this.#options.policiesOf?.(contentId) ?? this.#ports
  }

  /**
   * The best `wanted` of a random pool of members, best first; only those reached over `family` where one is given. A requester that holds
   * everything is told of no member that does so too.
   */
  choose(swarm: Swarm, requester: Member, wanted: number, family?: number): Member[] {
    const { candidatePool, maxCandidates } = this.#options.settings
    const { random } = this.#ports
    const pool = this.#pool
    let drawn = swarm.draw(candidatePool + 1, random, this.#sampler, pool)
    let self = requester.isOrigin ? -1 : drawn - 1
    while (self >= 0 && pool[self] !== requester.position) self--
    const left = self >= 0 ? self : drawn > candidatePool ? random.below(drawn) : -1
    if (left >= 0) pool[left] = pool[--drawn]
    const isSeed = requester.chunks.isFull
    let count = 0
    for (let i = 0; i < drawn; i++) {
      const position = pool[i]
      if (isSeed && swarm.table.isSeed(position)) continue
      if (family !== undefined && !swarm.table.isOfFamily(position, family)) continue
      pool[count++] = position
    }
    return this.#order(swarm, requester, count, Math.min(wanted, maxCandidates))
  }

  /** A random pool of the members that `accepts` lets pass, best first: all of them where the pool holds them. */
  chooseAmong(swarm: Swarm, requester: Member, accepts: (member: Member) => boolean): Member[] {
    const { candidatePool } = this.#options.settings
    const pool = swarm.sample(candidatePool, this.#ports.random, (member) => {
      return member !== requester && accepts(member)
    })
    pool.forEach(({ position }, i) => (this.#pool[i] = position))
    return this.#order(swarm, requester, pool.length, pool.length)
  }

  /** The first `count` of the pool, best first. */
  #order(swarm: Swarm, requester: Member, count: number, most: number): Member[] {
    if (count === 0 || most === 0) return []
    const { clock, recorder } = this.#ports
    const { ranker, shadow } = this.policiesOf(swarm.contentId)
    const isRecorded = recorder.wants('tracker')
    const nowMs = clock.nowMs()
    const { ids } = swarm.table
    for (let i = 0; i < count; i++) this.#ids[i] = ids[this.#pool[i]]
    if (isRecorded || ranker.readsFeatures || shadow?.readsFeatures)
      this.#fill(swarm, requester.region, count, nowMs)
    this.#set.requesterId = requester.peerId
    this.#set.count = count
    const ranking = ranker.rank(this.#set, most)
    if (isRecorded) this.#record(swarm, requester, nowMs, ranker, ranking, 'listed')
    if (shadow) {
      const other = shadow.rank(this.#set, most)
      if (isRecorded) this.#record(swarm, requester, nowMs, shadow, other, 'shadow')
      this.#options.heardShadow?.(ranking, other)
    }
    const { order } = ranking
    const listed: Member[] = []
    for (let i = 0; i < most && i < order.length; i++) {
      const position = this.#pool[order[i]]
      this.endpoints[i] = swarm.table.endpoint(position)
      listed.push(swarm.memberAt(position))
    }
    return listed
  }

  #record(
    { contentId }: Swarm,
    requester: Member,
    decidedMs: number,
    { name, version }: Ranker,
    { order, scores, propensity, explored }: Ranking,
    result: 'listed' | 'shadow',
  ): void {
    const { count } = this.#set
    this.#ports.recorder.record({
      place: 'tracker',
      contentId,
      requesterId: requester.peerId,
      requesterRegion: requester.region,
      decidedMs,
      chunk: -1,
      attempt: 1,
      policy: name,
      policyVersion: version,
      trackerPolicy: name,
      trackerPolicyVersion: version,
      trackerRank: 0,
      candidateIds: this.#ids.slice(0, count),
      features: this.#features.slice(0, count * FEATURE_COUNT),
      scores: scores.slice(0, count),
      chosen: order[0],
      propensity,
      explored,
      reason: 'normal',
      result,
      connectMs: NaN,
      ttfbMs: NaN,
      durationMs: NaN,
      bytes: 0,
      requesterInflight: 0,
      seedActive: NaN,
      seedQueued: NaN,
      deadlineSlackMs: NaN,
    })
  }

  #fill({ table, creditBps }: Swarm, requesterRegion: string, count: number, nowMs: number): void {
    const out = this.#features
    for (let i = 0; i < count; i++) {
      const at = i * FEATURE_COUNT
      const position = this.#pool[i]
      const region = requesterRegion === '' ? '' : table.regions[position]
      out[at + F.rtt_ms] = region === '' ? NaN : this.#options.rttEstimateMs(requesterRegion, region)
      out[at + F.same_region] = region === '' ? NaN : Number(requesterRegion === region)
      table.writeFeatures(position, out, at, nowMs, creditBps)
    }
    for (const index of this.#masked) for (let i = 0; i < count; i++) out[i * FEATURE_COUNT + index] = NaN
  }
}
