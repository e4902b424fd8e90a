import { z } from 'zod'
import { PEER_DEFAULTS, type PeerSettings } from '../../peer/core/options.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { ORIGIN_DEFAULTS } from '../../sim/config.ts'
import { CLIENT_KINDS, TRACKER_DEFAULTS, type TrackerSettings } from '../../tracker/core/options.ts'
import { ROOMS_DEFAULTS, type RoomsSettings } from '../../tracker/core/room-options.ts'
import { count, durationMs, real, share } from './quantity.ts'
import { section, oneOf } from './sections.ts'

const chunkOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rarest-first') }),
  z.strictObject({ kind: z.literal('window'), chunks: count(1, LIMITS.chunksPerContent) }),
])

const positiveMs = () => durationMs({ least: 1 })

const peerShape = {
  maxNeighbours: count(1, 100_000),
  targetNeighbours: count(1, 100_000),
  wantedCandidates: count(0, LIMITS.candidates),
  maxKnownCandidates: count(1, 100_000),
  connectTimeoutMs: positiveMs(),
  chunkOrder,
  maxFetches: count(1, 1000),
  maxFetchesPerSeed: count(1, 1000),
  maxCandidates: count(1, 1000),
  minFetchTimeoutMs: positiveMs(),
  maxFetchTimeoutMs: positiveMs(),
  fetchTimeoutFactor: real({ least: 1, most: 1000 }),
  seedBackoffMs: durationMs(),
  endgameCopies: count(1, 100),
  originAfterMs: durationMs(),
  originAfterFailures: count(1, 1_000_000),
  uploadSlots: count(0, LIMITS.loadCounter),
  uploadQueue: count(0, 100_000),
  uploadsPerNeighbour: count(1, 1000),
  maxUnchoked: count(0, 100_000),
  chokeRoundMs: positiveMs(),
  corruptLimit: count(1, 1000),
  announceBackoffMs: positiveMs(),
  maxAnnounceBackoffMs: positiveMs(),
  giveUpMs: durationMs(),
  reportMs: durationMs(),
  gossipMs: durationMs(),
} satisfies Record<keyof PeerSettings, z.ZodType>

/** How peers behave. */
export const peerSchema = section(peerShape, PEER_DEFAULTS)

const { maxNeighbours, uploadSlots, uploadQueue, maxUnchoked } = ORIGIN_DEFAULTS.settings as PeerSettings

/** What origins do otherwise than peers. */
export const originSettingsSchema = z
  .strictObject({
    ...z.strictObject(peerShape).partial().shape,
    maxNeighbours: peerShape.maxNeighbours.default(maxNeighbours),
    uploadSlots: peerShape.uploadSlots.default(uploadSlots),
    uploadQueue: peerShape.uploadQueue.default(uploadQueue),
    maxUnchoked: peerShape.maxUnchoked.default(maxUnchoked),
  })
  .prefault({})

const roomsShape = {
  maxRooms: count(1, 10_000_000),
  maxMembersPerRoom: count(1, 100_000),
  maxTracks: count(1, LIMITS.roomTracks),
  expiryMs: positiveMs(),
  startLeadMs: durationMs(),
  newsGapMs: durationMs(),
} satisfies Record<keyof RoomsSettings, z.ZodType>

const trackerShape = {
  announceMs: positiveMs(),
  expiryMs: positiveMs(),
  maxCandidates: count(1, LIMITS.candidates),
  candidatePool: count(1, 100_000),
  maxSwarms: count(1, 10_000_000),
  maxChunks: count(1, 2 ** 40),
  maxPeersPerSwarm: count(1, 10_000_000),
  maxPeersPerAddress: count(1, 10_000_000),
  maxMembershipsPerAddress: count(1, 10_000_000),
  recentMembers: count(1, 10_000_000).nullable(),
  reportWeight: share(),
  weighsReports: z.boolean(),
  balancesUploads: z.boolean(),
  clients: oneOf(...CLIENT_KINDS),
  rooms: section(roomsShape, ROOMS_DEFAULTS),
} satisfies Record<keyof TrackerSettings, z.ZodType>

/** How the tracker behaves. */
export const trackerSchema = section(trackerShape, TRACKER_DEFAULTS)
