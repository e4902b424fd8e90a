import { FEATURE_COUNT, FEATURE_INDEX } from '../../peer/protocol/features.ts'
import type { ContentId, PeerId } from '../../peer/protocol/ids.ts'
import type { TrackerPorts } from '../../peer/ports/ports.ts'
import type { CandidateSet, Ranker, Ranking } from '../../peer/ports/ranker.ts'
import type { Member } from './member.ts'
import type { SwarmPolicies, TrackerOptions } from './options.ts'
import type { Swarm } from './swarm.ts'

const F = FEATURE_INDEX

/** Chooses and orders the members that one announce is answered with. */
export class CandidateRanking {
  readonly #ports: TrackerPorts
  readonly #options: TrackerOptions
  readonly #ids: PeerId[] = []
  readonly #features: Float32Array
  readonly #set: { -readonly [K in keyof CandidateSet]: CandidateSet[K] }

  constructor(ports: TrackerPorts, options: TrackerOptions) {
    this.#ports = ports
    this.#options = options
    this.#features = new Float32Array(options.settings.candidatePool * FEATURE_COUNT)
    this.#set = { place: 'tracker', requesterId: '', count: 0, peerIds: this.#ids, features: this.#features }
  }

  /** Who ranks for a swarm at this moment. */
  policiesOf(contentId: ContentId): SwarmPolicies {
    return this.#options.policiesOf?.(contentId) ?? this.#ports
  }

  /**
   * The best `wanted` of a random pool of members, best first; only those that `accepts` lets pass. A requester that holds
   * everything is told of no member that does so too.
   */
  choose(
    swarm: Swarm,
    requester: Member,
    wanted: number,
    accepts: (member: Member) => boolean = () => true,
  ): Member[] {
    const { candidatePool, maxCandidates } = this.#options.settings
    const pool = swarm
      .draw(candidatePool + 1, this.#ports.random)
      .filter(
        (member) =>
          member !== requester && !(requester.chunks.isFull && member.chunks.isFull) && accepts(member),
      )
    pool.length = Math.min(pool.length, candidatePool)
    return this.#order(swarm, requester, pool, Math.min(wanted, maxCandidates))
  }

  /** A random pool of the members that `accepts` lets pass, best first: all of them where the pool holds them. */
  chooseAmong(swarm: Swarm, requester: Member, accepts: (member: Member) => boolean): Member[] {
    const { candidatePool } = this.#options.settings
    const pool = swarm.sample(candidatePool, this.#ports.random, (member) => {
      return member !== requester && accepts(member)
    })
    return this.#order(swarm, requester, pool, pool.length)
  }

  #order(swarm: Swarm, requester: Member, pool: readonly Member[], most: number): Member[] {
    if (pool.length === 0 || most === 0) return []
    const { clock, recorder } = this.#ports
    const { ranker, shadow } = this.policiesOf(swarm.contentId)
    const isRecorded = recorder.wants('tracker')
    const nowMs = clock.nowMs()
    for (let i = 0; i < pool.length; i++) this.#ids[i] = pool[i].peerId
    if (isRecorded || ranker.readsFeatures || shadow?.readsFeatures)
      for (let i = 0; i < pool.length; i++) this.#fill(i * FEATURE_COUNT, requester, pool[i], nowMs)
    this.#set.requesterId = requester.peerId
    this.#set.count = pool.length
    const ranking = ranker.rank(this.#set, most)
    if (isRecorded) this.#record(swarm, requester, nowMs, ranker, ranking, 'listed')
    if (shadow) {
      const other = shadow.rank(this.#set, most)
      if (isRecorded) this.#record(swarm, requester, nowMs, shadow, other, 'shadow')
      this.#options.heardShadow?.(ranking, other)
    }
    const { order } = ranking
    return Array.from({ length: Math.min(most, order.length) }, (_, i) => pool[order[i]])
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

  #fill(at: number, requester: Member, member: Member, nowMs: number): void {
    const out = this.#features
    out.fill(NaN, at, at + FEATURE_COUNT)
    out[at + F.rtt_ms] = this.#options.rttEstimateMs(requester.region, member.region)
    const isRegionKnown = requester.region !== '' && member.region !== ''
    out[at + F.same_region] = isRegionKnown ? Number(requester.region === member.region) : NaN
    out[at + F.reported_goodput_bps] = member.goodputBps
    out[at + F.reported_success] = member.successShare
    out[at + F.upload_bps] = member.uploadBps
    out[at + F.active_uploads] = member.active
    out[at + F.queued_uploads] = member.queued
    out[at + F.upload_slots] = member.uploadSlots
    out[at + F.load_age_ms] = nowMs - member.announcedMs
    out[at + F.completeness] = member.completeness
    out[at + F.session_age_ms] = nowMs - member.joinedMs
  }
}
