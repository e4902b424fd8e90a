import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { Address, ContentId, PeerId } from '../../peer/protocol/ids.ts'
import type {
  Announce,
  Candidate,
  ChunkHeader,
  Message,
  OutcomeReport,
} from '../../peer/protocol/messages.ts'
import type { Timer } from '../../peer/ports/clock.ts'
import type { Link, LinkHandler } from '../../peer/ports/network.ts'
import type { TrackerPorts } from '../../peer/ports/ports.ts'
import { CandidateRanking } from './candidate-ranking.ts'
import { type ChunkHolders, chunkMap, type ChunkMapQuery } from './chunk-map.ts'
import { type AnnounceRequest, Member } from './member.ts'
import type { TrackerOptions } from './options.ts'
import { NetworkCaps } from './network-caps.ts'
import { believedBps } from './member-table.ts'
import { Ownership } from './ownership.ts'
import { Rooms } from './rooms.ts'
import { Swarm } from './swarm.ts'
import { Tally } from './tally.ts'
import { textHash } from './text-hash.ts'

/** How often silent members are looked for, as a share of the time after which they expire. */
const SWEEP_SHARE = 1 / 3
/** Reports of one member are heard no more often than this, and of one message no more than these on one seed. */
const MIN_REPORT_GAP_MS = 1_000
const MAX_VOTES = 8

/** Whom a peer is to learn of. */
export interface AnnounceAnswer {
  readonly swarm: Swarm
  readonly intervalMs: number
  readonly listed: readonly Member[]
  /** Their addresses as numbers, NaN where they have none. Good until the next announce. */
  readonly endpoints: Float64Array
}

/**
 * Knows who is in which swarm and answers announces with ranked candidates; keeps the rooms of those who listen together.
 * State is soft: it expires.
 */
export class Tracker implements LinkHandler {
  readonly rooms: Rooms
  readonly #ports: TrackerPorts
  readonly #options: TrackerOptions
  readonly #swarms = new Map<ContentId, Swarm>()
  /** Chunks of all swarms. */
  #chunks = 0
  readonly #ranking: CandidateRanking
  readonly #memberships = new Tally()
  readonly #ownership: Ownership
  readonly #caps = new WeakMap<Swarm, NetworkCaps>()
  #sweepTimer: Timer | undefined
  announces = 0

  constructor(ports: TrackerPorts, options: TrackerOptions) {
    this.#ports = ports
    this.#options = options
    this.#ranking = new CandidateRanking(ports, options)
    this.#ownership = new Ownership(options.placeOf)
    const { clock, network, random } = ports
    this.rooms = new Rooms(clock, network, random.fork('rooms'), options.settings.rooms)
    ports.network.attach(this)
  }

  /** Interval that peers are told to announce at. */
  get announceMs(): number {
    return this.#options.settings.announceMs
  }

  /** The swarms, in the order in which they appeared. */
  swarms(): Iterable<Swarm> {
    return this.#swarms.values()
  }

  swarm(contentId: ContentId): Swarm | undefined {
    return this.#swarms.get(contentId)
  }

  /** Starts to forget silent members. */
  start(): void {
    const { expiryMs } = this.#options.settings
    const { clock } = this.#ports
    this.#sweepTimer = clock.setTimer(expiryMs * SWEEP_SHARE, () => {
      for (const swarm of this.#swarms.values()) {
        swarm.expire(clock.nowMs() - expiryMs)
        this.#dropIfEmpty(swarm)
      }
      this.start()
    })
  }

  stop(): void {
    if (this.#sweepTimer !== undefined) this.#ports.clock.clearTimer(this.#sweepTimer)
    this.#sweepTimer = undefined
    this.rooms.stop()
  }

  linkUp(): void {}

  linkDown(link: Link): void {
    this.rooms.linkDown(link)
  }

  chunkBegins(link: Link): void {
    this.#ports.network.close(link)
  }

  chunkArrived(): void {}

  chunkSent(): void {}

  message(link: Link, message: Exclude<Message, ChunkHeader>): void {
    switch (message.type) {
      case 'announce':
        return this.#announced(link, message)
      case 'report':
        return this.#reported(link, message)
      case 'leave':
        return this.leaveFrom(message.contentId, message.peerId, link.remote)
      case 'room-join':
      case 'room-control':
      case 'room-leave':
      case 'clock-ping':
        return this.rooms.message(link, message)
      default:
        return this.#ports.network.close(link)
    }
  }

  /**
   * Takes an announce, from whatever protocol, and chooses whom the peer is to learn of, best first; only those reached
   * over `family` where one is given. Undefined where a limit or the chunk count forbids the announce.
   */
  announce(announce: AnnounceRequest, family?: number): AnnounceAnswer | undefined {
    const present = this.#swarms.get(announce.contentId)
    const slot = present ? this.#ownership.slotOf(present, announce) : ''
    const swarm = this.#swarmFor(announce, slot)
    if (!swarm) return undefined
    this.announces++
    const member = swarm.announce(announce, this.#ports.clock.nowMs(), this.announceMs, slot)
    const { recentMembers } = this.#options.settings
    if (recentMembers !== null) swarm.keepRecent(recentMembers)
    const { announceMs } = this
    const { endpoints } = this.#ranking
    if (announce.wanted === 0) return { swarm, intervalMs: announceMs, listed: [], endpoints }
    const listed = this.#ranking.choose(swarm, member, announce.wanted, family)
    if (!member.isOrigin)
      for (const origin of swarm.origins) {
        if (listed.length === LIMITS.candidates) break
        if (family !== undefined && origin.family !== family) continue
        endpoints[listed.length] = NaN
        listed.push(origin)
      }
    return { swarm, intervalMs: announceMs, listed, endpoints }
  }

  /**
   * Who holds which chunk of a stretch of a content, best first for this requester, whether it is a member or only says
   * where it is. Chunks that nobody holds are left out.
   */
  chunkMap(
    contentId: ContentId,
    requester: { readonly peerId: PeerId; readonly region: string },
    query: ChunkMapQuery,
  ): ChunkHolders[] {
    const swarm = this.#swarms.get(contentId)
    if (!swarm) return []
    const known = swarm.get(requester.peerId)
    return chunkMap(
      swarm,
      this.#ranking,
      known ?? visitor(requester, swarm, this.#ports.clock.nowMs()),
      query,
    )
  }

  /** A peer goes. */
  leave(contentId: ContentId, peerId: PeerId): void {
    const swarm = this.#swarms.get(contentId)
    if (swarm) this.#remove(swarm, swarm.get(peerId))
  }

  /** A peer goes, as somebody says who is somewhere: nobody else's word does. `key`: as in announces. */
  leaveFrom(contentId: ContentId, peerId: PeerId, from: Address, key = 0): void {
    const swarm = this.#swarms.get(contentId)
    if (swarm) this.#remove(swarm, this.#ownership.memberFor(swarm, peerId, from, key))
  }

  #announced(link: Link, announce: Announce): void {
    const { clock, network } = this.#ports
    const isSilent = this.#options.settings.clients === 'unmodified'
    let request: AnnounceRequest = announce
    if (announce.address === '') request = { ...request, from: link.remote }
    if (isSilent) request = { ...request, ...UNTOLD }
    const answer = this.announce(request)
    if (!answer) return network.close(link)
    const { swarm, intervalMs, listed } = answer
    const { ranker } = this.#ranking.policiesOf(swarm.contentId)
    const nowMs = clock.nowMs()
    network.send(link, {
      type: 'candidates',
      contentId: swarm.contentId,
      intervalMs,
      seeds: swarm.seeds,
      leechers: swarm.leechers,
      policy: ranker.name,
      policyVersion: ranker.version,
      // A peer id names one peer: the one that it was known for first.
      candidates: listed
        .filter(({ slot }) => slot === '')
        .map((other) => (isSilent ? addressOf(other) : describe(other, nowMs, swarm.creditBps))),
    })
  }

  /** The swarm of an announce, made where there is none; undefined where a limit or the chunk count forbids it. */
  #swarmFor({ contentId, peerId, chunks, address }: AnnounceRequest, slot: string): Swarm | undefined {
    const { maxSwarms, maxChunks, maxPeersPerSwarm, maxPeersPerAddress, maxMembershipsPerAddress } =
      this.#options.settings
    const swarm = this.#swarms.get(contentId)
    if (swarm && chunks.size !== swarm.chunkCount) return undefined
    if (swarm?.get(peerId, slot)) return swarm
    const isFull = swarm
      ? swarm.size >= maxPeersPerSwarm
      : this.#swarms.size >= maxSwarms || this.#chunks + chunks.size > maxChunks
    if (isFull) return undefined
    const known = swarm && this.#caps.get(swarm)
    const caps = known ?? this.#newCaps()
    if (caps && !caps.admits(address, maxPeersPerAddress, maxMembershipsPerAddress)) return undefined
    if (swarm) return swarm
    const fresh = new Swarm(contentId, chunks.size, caps, this.#options.settings.balancesUploads)
    if (caps) this.#caps.set(fresh, caps)
    this.#swarms.set(contentId, fresh)
    this.#chunks += chunks.size
    return fresh
  }

  #newCaps(): NetworkCaps | undefined {
    const { networkOf } = this.#options
    return networkOf && new NetworkCaps(networkOf, this.#memberships)
  }

  /** One reporter has a bounded say on one seed, so that a liar has to be many. */
  #reported({ remote }: Link, { contentId, peerId, reports }: OutcomeReport): void {
    const swarm = this.#swarms.get(contentId)
    const reporter = swarm && this.#ownership.memberFor(swarm, peerId, remote)
    if (!swarm || !reporter || this.#options.settings.clients === 'unmodified') return
    const nowMs = this.#ports.clock.nowMs()
    if (nowMs - reporter.reportedMs < MIN_REPORT_GAP_MS) return
    reporter.reportedMs = nowMs
    const { reportWeight, weighsReports } = this.#options.settings
    const { networkOf = identity } = this.#options
    const name = networkOf(reporter.address)
    const voice = { name, hash: textHash(name) }
    const self = swarm.get(peerId)
    const named: Member[] = []
    for (const report of reports) {
      const seed = swarm.get(report.seedId)
      if (!seed || seed === self) continue
      named.push(seed)
      if (countOf(named, seed) > MAX_VOTES) continue
      if (!weighsReports) seed.hearReport(report, reportWeight)
      // Praise among those who share an address is worth nothing.
      else if (networkOf(seed.address) !== name)
        reporter.trust = seed.hearOpinion(voice, reporter.trust, report, reportWeight, nowMs)
    }
  }

  #remove(swarm: Swarm, member: Member | undefined): void {
    if (!member) return
    swarm.remove(member)
    this.#dropIfEmpty(swarm)
  }

  #dropIfEmpty(swarm: Swarm): void {
    if (swarm.size > 0) return
    this.#swarms.delete(swarm.contentId)
    this.#chunks -= swarm.chunkCount
  }
}

/** What BitTorrent's announces have no words for. */
const UNTOLD = { uploadSlots: NaN, active: NaN, queued: NaN } as const

const identity = (address: Address): string => address

/** Somebody who asks about a swarm without being in it. */
const visitor = (
  { peerId, region }: { readonly peerId: PeerId; readonly region: string },
  { contentId, chunkCount }: Swarm,
  nowMs: number,
): Member =>
  new Member(
    {
      ...{ contentId, peerId, region, address: '', event: 'update', isOrigin: false, wanted: 0 },
      ...{ uploadSlots: NaN, active: NaN, queued: NaN, uploadedBytes: 0, downloadedBytes: 0 },
      chunks: new ChunkSet(chunkCount),
    },
    nowMs,
  )

/** All that BitTorrent's answers have words for. */
const addressOf = ({ peerId, address, isOrigin }: Member): Candidate => ({
  ...{ peerId, address, isOrigin, region: '', completeness: NaN, sessionAgeMs: NaN, loadAgeMs: NaN },
  ...{ goodputBps: NaN, successShare: NaN, uploadBps: NaN, ...UNTOLD },
})

function describe(member: Member, nowMs: number, creditBps: number): Candidate {
  return {
    peerId: member.peerId,
    address: member.address,
    region: member.region,
    isOrigin: member.isOrigin,
    uploadSlots: wireCount(member.uploadSlots),
    active: wireCount(member.active),
    queued: wireCount(member.queued),
    completeness: Math.fround(member.completeness),
    sessionAgeMs: Math.fround(nowMs - member.joinedMs),
    loadAgeMs: Math.fround(nowMs - member.announcedMs),
    goodputBps: Math.fround(member.goodputBps),
    successShare: Math.fround(member.successShare),
    uploadBps: Math.fround(believedBps(member.uploadBps, member.uploadMeanBps, creditBps)),
  }
}

function countOf(members: readonly Member[], member: Member): number {
  let count = 0
  for (const one of members) if (one === member) count++
  return count
}

/** The message has no word for a count that nobody knows; a handshake tells the true one. */
const wireCount = (value: number): number => (Number.isNaN(value) ? 0 : value)
