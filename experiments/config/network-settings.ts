import { z } from 'zod'
import { NETWORK_DEFAULTS } from '../../sim/network-settings.ts'
import { NAT_DEFAULTS, NAT_TYPES, type NatType } from '../../sim/nat.ts'
import { REACHABILITY_DEFAULTS } from '../../sim/reachability.ts'
import { REGIONS } from '../../sim/region-rtt.ts'
import { LATENCY_UNITS } from '../data/latency-matrix.ts'
import { bytes, durationMs, rateBps, real, share } from './quantity.ts'
import { label, oneOf, section } from './sections.ts'

const region = () => oneOf(...REGIONS)

/** Weight of each NAT type; types left out have none. */
export const natSharesSchema = z.strictObject(
  Object.fromEntries(NAT_TYPES.map((type) => [type, real({ least: 0 }).default(0)])) as {
    [T in NatType]: z.ZodDefault<ReturnType<typeof real>>
  },
)

const rtt = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('regions') }),
  z.strictObject({ kind: z.literal('constant'), ms: durationMs() }),
  z.strictObject({
    kind: z.literal('matrix'),
    /** Square, entries apart by white space. */
    file: z.string().min(1),
    unit: oneOf(...(Object.keys(LATENCY_UNITS) as (keyof typeof LATENCY_UNITS)[])).default('ms'),
    nodes: oneOf('random', 'index').default('random'),
    addsLastMile: z.boolean().default(false),
  }),
])

const isp = z.strictObject({
  name: label(),
  region: region().nullable().default(null),
  share: share(),
  capacityBps: rateBps().nullable().default(null),
  insideRttShare: share().default(1),
})

const reachability = section(
  {
    connectSuccess: share(),
    draw: oneOf('pair', 'attempt'),
    nat: section(
      { shares: natSharesSchema, punchSuccess: share(), dialsBack: z.boolean() },
      { ...NAT_DEFAULTS, shares: { ...NAT_DEFAULTS.shares } },
    ).nullable(),
    relay: z.strictObject({ region: region().default('eu-west'), capacityBps: rateBps() }).nullable(),
  },
  { ...REACHABILITY_DEFAULTS, nat: null, relay: null },
)

const uplinkQueue = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('fifo'), bufferMs: durationMs().default(100) }),
])

const { rtt: _rtt, isps: _isps, reachability: _reachability, ...network } = NETWORK_DEFAULTS

/** How the network behaves. */
export const networkSchema = section(
  {
    rtt,
    lastMileSpread: real({ least: 0, most: 3 }),
    jitterShare: real({ least: 0, most: 10 }),
    lossRate: real({ least: 0, most: 0.49 }),
    slowStart: z.boolean(),
    maxWindowBytes: bytes({ least: 1460 }),
    connectTimeoutMs: durationMs({ least: 1 }),
    lostDetectionMs: durationMs({ least: 1 }),
    transitBps: z.partialRecord(region(), rateBps()),
    isps: z.array(isp).max(1000),
    reachability,
    uplinkQueue,
  },
  {
    ...network,
    rtt: { kind: 'regions' },
    isps: [],
    reachability: { ...REACHABILITY_DEFAULTS, nat: null, relay: null },
  },
)
