import fc from 'fast-check'
import { ChunkSet } from './chunk-set.ts'
import { LIMITS } from './limits.ts'
import { FETCH_RESULTS, type Candidate, type Message } from './messages.ts'
import { ROOM_ACTIONS } from './room-messages.ts'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'))
const byte = fc.nat(255)
const u32 = fc.nat(0xffffffff)
const u53 = fc.maxSafeNat()
const chunk = fc.nat(LIMITS.chunksPerContent - 1)
const measure = fc.oneof(fc.constant(NaN), fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }))
const contentId = fc.oneof(hex(32), hex(20))
const peerId = hex(20)
/** Well-formed texts of at most so many bytes, a byte-order mark among them. */
const text = (most: number): fc.Arbitrary<string> =>
  fc
    .oneof(fc.string({ unit: 'grapheme', maxLength: most }), fc.constant('\ufeffregion'))
    .filter((value) => Buffer.byteLength(value) <= most)
const address = text(LIMITS.addressBytes)
const addresses = fc.array(address, { maxLength: LIMITS.addressesPerMessage })
const label = text(LIMITS.labelBytes)

export const chunkSet: fc.Arbitrary<ChunkSet> = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(299)))
  .map(([size, chunks]) => {
    const set = new ChunkSet(size)
    for (const one of chunks) set.add(one % size)
    return set
  })

const candidate: fc.Arbitrary<Candidate> = fc.record({
  peerId,
  address,
  region: label,
  isOrigin: fc.boolean(),
  uploadSlots: byte,
  active: byte,
  queued: byte,
  completeness: measure,
  sessionAgeMs: measure,
  loadAgeMs: measure,
  goodputBps: measure,
  successShare: measure,
  uploadBps: measure,
})
const report = fc.record({
  seedId: peerId,
  result: fc.constantFrom(...FETCH_RESULTS),
  bytes: u53,
  durationMs: measure,
})

const roomId = label.filter((value) => value.length > 0)
const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true })
const positionMs = number(0, LIMITS.roomTracks * LIMITS.trackMs)
const rate = number(LIMITS.leastRate, LIMITS.mostRate)
const clockMs = number(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
export const roomQueue = fc.array(
  fc.record({ contentId, durationMs: fc.integer({ min: 1, max: LIMITS.trackMs }) }),
  { maxLength: 6 },
)

const type = <T extends Message['type']>(value: T): fc.Arbitrary<T> => fc.constant(value)

/** Any message that the protocol allows. */
export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: type('handshake'),
    contentId,
    peerId,
    address,
    region: label,
    isOrigin: fc.boolean(),
    uploadSlots: byte,
  }),
  fc.record({ type: type('bitfield'), chunks: chunkSet }),
  fc.record({ type: type('have'), chunk, active: byte, queued: byte }),
  fc.record({ type: type('window'), first: u53, chunks: chunkSet, active: byte, queued: byte }),
  fc.record({ type: type('interested'), interested: fc.boolean() }),
  fc.record({ type: type('choke') }),
  fc.record({ type: type('unchoke'), active: byte, queued: byte }),
  fc.record({ type: type('request'), requestId: u32, chunk }),
  fc.record({
    type: type('chunk'),
    requestId: u32,
    chunk,
    bytes: fc.integer({ min: 1, max: LIMITS.chunkBytes }),
    active: byte,
    queued: byte,
  }),
  fc.record({ type: type('cancel'), requestId: u32 }),
  fc.record({ type: type('busy'), requestId: u32, active: byte, queued: byte }),
  fc.record(
    {
      type: type('announce'),
      contentId,
      peerId,
      address,
      region: label,
      event: fc.constantFrom('started', 'update', 'completed'),
      isOrigin: fc.boolean(),
      uploadSlots: byte,
      active: byte,
      queued: byte,
      uploadedBytes: u53,
      downloadedBytes: u53,
      wanted: fc.nat(LIMITS.candidates),
      chunks: chunkSet,
      completeness: fc.float({ min: 0, max: 1, noNaN: true }),
    },
    {
      requiredKeys: [
        'type',
        'contentId',
        'peerId',
        'address',
        'region',
        'event',
        'isOrigin',
        'uploadSlots',
        'active',
        'queued',
        'uploadedBytes',
        'downloadedBytes',
        'wanted',
        'chunks',
      ],
    },
  ),
  fc.record({
    type: type('candidates'),
    contentId,
    intervalMs: u32,
    seeds: u32,
    leechers: u32,
    policy: label,
    policyVersion: label,
    candidates: fc.array(candidate, { maxLength: 20 }),
  }),
  fc.record({
    type: type('report'),
    contentId,
    peerId,
    reports: fc.array(report, { maxLength: LIMITS.reportsPerMessage }),
  }),
  fc.record({ type: type('leave'), contentId, peerId }),
  fc.record({
    type: type('room-join'),
    roomId,
    memberId: peerId,
    queue: roomQueue,
    positionMs,
    isPlaying: fc.boolean(),
    rate,
  }),
  fc.record({ type: type('room-queue'), roomId, queue: roomQueue }),
  fc.record({
    type: type('room-state'),
    roomId,
    epoch: u32,
    revision: u32,
    controllerId: peerId,
    holdsAtMs: clockMs,
    positionMs,
    isPlaying: fc.boolean(),
    rate,
  }),
  fc.record({
    type: type('room-control'),
    roomId,
    action: fc.constantFrom(...ROOM_ACTIONS),
    positionMs,
    rate,
    tracks: roomQueue,
  }),
  fc.record({ type: type('room-leave'), roomId }),
  fc.record({ type: type('clock-ping'), token: u32 }),
  fc.record({ type: type('clock-pong'), token: u32, clockMs }),
  fc.record({
    type: type('query'),
    queryId: hex(16),
    contentId,
    ttl: fc.integer({ min: 1, max: LIMITS.queryTtl }),
  }),
  fc.record({ type: type('hit'), queryId: hex(16), addresses }),
  fc.record({ type: type('neighbours'), addresses }),
)
