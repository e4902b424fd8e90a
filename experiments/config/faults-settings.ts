import { z } from 'zod'
import type { FaultTarget } from '../../sim/faults/target.ts'
import { REGIONS } from '../../sim/region-rtt.ts'
import { durationMs, durationS, rateBps, real, share } from './quantity.ts'
import { oneOf } from './sections.ts'

const WHEN = '{ atS, forS } for once, or { meanEveryS, meanForS } for now and then, expected'

/** When a fault is there. */
const when = () =>
  z.union(
    [
      z.strictObject({ atS: durationS(), forS: durationS() }),
      z.strictObject({ meanEveryS: durationS({ least: 0.001 }), meanForS: durationS() }),
    ],
    { error: WHEN },
  )

const SWARM = ['all', 'peers', 'seeds'] as const
const SERVERS = ['origins', 'trackers'] as const

/** Nodes by what they are, or `region:X` for the peers and seeds of a region. */
const target = (...words: readonly string[]) => {
  const regions = (REGIONS as readonly string[]).map((region) => `region:${region}`)
  const error = `allowed ${words.join(', ')}, region:X with X one of ${REGIONS.join(', ')}`
  return z.custom<FaultTarget>((value) => [...words, ...regions].includes(value as string), { error })
}

const struck = (...servers: readonly string[]) => ({
  share: share(),
  target: target(...SWARM, ...servers).default('peers'),
})
/** All servers, unless a config says otherwise. */
const servers = { share: share().default(1), when: when() }
const loss = () => real({ least: 0, most: 0.49 })

/** What goes wrong, when, and for how many. */
export const faultsSchema = z
  .array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('crash'), ...struck(), meanAfterS: durationS() }),
      z.strictObject({ kind: z.literal('corrupt'), ...struck(), chunkShare: share() }),
      z.strictObject({ kind: z.literal('free-rider'), ...struck() }),
      z.strictObject({ kind: z.literal('slow'), ...struck(), divideBy: real({ least: 1 }) }),
      z.strictObject({
        kind: z.literal('stall'),
        ...struck(),
        meanEveryS: durationS({ least: 0.001 }),
        meanForS: durationS(),
      }),
      z.strictObject({
        kind: z.literal('slow-loris'),
        ...struck(),
        trickleBps: rateBps({ least: 0 }).default(0),
      }),
      z.strictObject({
        kind: z.literal('liar'),
        ...struck(),
        about: oneOf('outcomes', 'chunks', 'uploads'),
        claimsBps: rateBps().optional(),
        refuses: z.boolean().default(false),
      }),
      z.strictObject({
        kind: z.literal('clock-skew'),
        ...struck(...SERVERS),
        maxOffsetMs: durationMs().default(0),
        maxDriftPpm: real({ least: 0, most: 500_000 }).default(0),
      }),
      z.strictObject({
        kind: z.literal('restart'),
        ...struck('origins'),
        when: when(),
        keepsCache: z.boolean().default(true),
      }),
      z.strictObject({ kind: z.literal('pause'), ...struck(...SERVERS), when: when() }),
      z.strictObject({
        kind: z.literal('degrade'),
        ...struck(...SERVERS),
        when: when(),
        upShare: share().default(1),
        downShare: share().default(1),
        addedMs: durationMs().default(0),
        lossRate: loss().default(0),
      }),
      z.strictObject({
        kind: z.literal('tracker-outage'),
        ...servers,
        memory: oneOf('kept', 'lost').default('kept'),
        refuses: z.boolean().default(false),
      }),
      z.strictObject({ kind: z.literal('tracker-slow'), ...servers, delayMs: durationMs() }),
      z.strictObject({ kind: z.literal('origin-outage'), ...servers, refuses: z.boolean().default(false) }),
      z.strictObject({
        kind: z.literal('partition'),
        when: when(),
        between: target(...SWARM, ...SERVERS),
        and: target(...SWARM, ...SERVERS, 'rest').default('rest' as FaultTarget),
        share: share().default(1),
        oneWay: z.boolean().default(false),
      }),
    ]),
  )
  .max(100)
  .default([])
