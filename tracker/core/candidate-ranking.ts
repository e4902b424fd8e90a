import { FEATURE_COUNT, FEATURE_INDEX } from '../../peer/protocol/features.ts'
import type { PeerId } from '../../peer/protocol/ids.ts'
import type { TrackerPorts } from '../../peer/ports/ports.ts'
import type { CandidateSet } from '../../peer/ports/ranker.ts'
import type { Member } from './member.ts'
import type { TrackerOptions } from './options.ts'
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
    const { clock, random, ranker, recorder } = this.#ports
    const { candidatePool, maxCandidates } = this.#options.settings
    const pool = swarm
      .draw(candidatePool + 1, random)
      .filter(
        (member) =>
          member !== requester && !(requester.chunks.isFull && member.chunks.isFull) && accepts(member),
      )
    pool.length = Math.min(pool.length, candidatePool)
    const most = Math.min(wanted, maxCandidates)
    if (pool.length === 0 || most === 0) return []
    const isRecorded = recorder.wants('tracker')
    const nowMs = clock.nowMs()
    for (let i = 0; i < pool.length; i++) this.#ids[i] = pool[i].peerId
    if (isRecorded || ranker.readsFeatures)
      for (let i = 0; i < pool.length; i++) this.#fill(i * FEATURE_COUNT, requester, pool[i], nowMs)
    this.#set.requesterId = requester.peerId
    this.#set.count = pool.length
    const { order, scores, propensity, explored } = ranker.rank(this.#set, most)
    if (isRecorded)
      recorder.record({
        place: 'tracker',
        contentId: swarm.contentId,
        requesterId: requester.peerId,
        requesterRegion: requester.region,
        decidedMs: nowMs,
        chunk: -1,
        attempt: 1,
        policy: ranker.name,
        policyVersion: ranker.version,
        trackerPolicy: ranker.name,
        trackerPolicyVersion: ranker.version,
        trackerRank: 0,
        candidateIds: this.#ids.slice(0, pool.length),
        features: this.#features.slice(0, pool.length * FEATURE_COUNT),
        scores: scores.slice(0, pool.length),
        chosen: order[0],
        propensity,
        explored,
        reason: 'normal',
        result: 'listed',
        connectMs: NaN,
        ttfbMs: NaN,
        durationMs: NaN,
        bytes: 0,
        requesterInflight: 0,
        seedActive: NaN,
        seedQueued: NaN,
        deadlineSlackMs: NaN,
      })
    return Array.from({ length: Math.min(most, order.length) }, (_, i) => pool[order[i]])
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
