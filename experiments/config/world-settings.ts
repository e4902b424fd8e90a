import { z } from 'zod'
import { ORIGIN_DEFAULTS, SIM_DEFAULTS } from '../../sim/config.ts'
import { REGIONS } from '../../sim/region-rtt.ts'
import { natSharesSchema } from './network-settings.ts'
import { originSettingsSchema } from './peer-settings.ts'
import { count, durationMs, durationS, rateBps, real, share } from './quantity.ts'
import { label, oneOf, section } from './sections.ts'
import { traceSchema } from './trace-settings.ts'

const region = () => oneOf(...REGIONS)
const weight = () => real({ least: 0 })
const { swarm, churn, recording, checks } = SIM_DEFAULTS

const origin = z.strictObject({
  upBps: rateBps().default(ORIGIN_DEFAULTS.upBps),
  downBps: rateBps().default(ORIGIN_DEFAULTS.downBps),
  region: region().default('eu-west'),
  settings: originSettingsSchema,
})

const cap = z.strictObject({
  share: share(),
  upBps: rateBps().nullable().default(null),
  downBps: rateBps().nullable().default(null),
})

/** Who is there. */
export const swarmSchema = z
  .strictObject({
    peers: count(1, 1_000_000).default(swarm.peers),
    trackers: count(1, 16).default(swarm.trackers),
    initialSeeds: count(0, 100_000).default(swarm.initialSeeds),
    initialSeedClass: label().nullable().default(swarm.initialSeedClass),
    /** Null: no origin. */
    origin: origin.nullable().prefault({}),
    /** What the users of some peers allow their client. */
    caps: z.array(cap).max(20).default([]),
  })
  .prefault({})

/** How hosts are connected; the list replaces the defaults as a whole. */
export const accessClassesSchema = z
  .array(
    z.strictObject({
      name: label(),
      upBps: rateBps(),
      downBps: rateBps(),
      lastMileMs: durationMs(),
      weight: weight(),
      /** Null: the rates do not change. */
      trace: traceSchema.nullable().default(null),
      /** Null: as among all hosts. */
      nat: natSharesSchema.nullable().default(null),
    }),
  )
  .min(1)
  .prefault(() => structuredClone([...SIM_DEFAULTS.accessClasses]) as never)

/** Share of the hosts in each region, relative to the others; the map replaces the defaults as a whole. */
export const regionsSchema = z.partialRecord(region(), weight()).default({ ...SIM_DEFAULTS.regions })

/** When peers come. */
export const arrivalsSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('flash'), windowS: durationS().default(60) }),
    z.strictObject({ kind: z.literal('poisson'), meanGapS: durationS() }),
  ])
  .prefault(churn.arrivals)

const staying = {
  lingerS: durationS().nullable().default(churn.lingerS),
  gracefulShare: share().default(churn.gracefulShare),
}

/** How long peers stay, and how they go. */
export const sessionsSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('unlimited'), ...staying }),
    z.strictObject({
      kind: z.literal('weibull'),
      shape: real({ least: 0.05, most: 100 }),
      scaleS: durationS({ least: 0.001 }),
      ...staying,
    }),
  ])
  .prefault({ kind: 'unlimited' })

/** Which decisions become outcome rows. */
export const recordingSchema = section({ sampleRate: share(), trackerSampleRate: share() }, recording)

/** Which invariants are checked, and how often. */
export const checksSchema = section(
  {
    level: oneOf('cheap', 'full'),
    everyS: durationS({ least: 0.001 }),
    onViolation: oneOf('throw', 'collect'),
  },
  checks,
)
