import fc from 'fast-check'
import type { Fault } from '../faults.ts'
import type { Schedule } from './schedule.ts'
import type { FaultTarget } from './target.ts'

const share = fc.double({ min: 0, max: 0.6, noNaN: true })
const seconds = (max: number) => fc.integer({ min: 1, max })
const target = fc.constantFrom<FaultTarget>('peers', 'seeds', 'all', 'region:eu-west')
const when: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ atS: fc.integer({ min: 0, max: 60 }), forS: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ meanEveryS: seconds(60), meanForS: seconds(40) }),
)
const kind = <K extends string>(name: K) => fc.constant(name)
const withServers = fc.oneof(target, fc.constantFrom<FaultTarget>('origins', 'trackers'))

/** Any fault, at the scale of small worlds. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: kind('crash'), share, target, meanAfterS: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: kind('corrupt'), share, target, chunkShare: share }),
  fc.record({ kind: kind('free-rider'), share, target }),
  fc.record({ kind: kind('slow'), share, target, divideBy: fc.integer({ min: 1, max: 100 }) }),
  fc.record({
    kind: kind('stall'),
    share,
    target,
    meanEveryS: seconds(60),
    meanForS: fc.integer({ min: 0, max: 60 }),
  }),
  fc.record({ kind: kind('slow-loris'), share, target, trickleBps: fc.constantFrom(0, 500) }),
  fc.record({
    kind: kind('liar'),
    share,
    target,
    about: fc.constantFrom('outcomes' as const, 'chunks' as const),
    refuses: fc.boolean(),
  }),
  fc.record({
    kind: kind('clock-skew'),
    share,
    target: withServers,
    maxOffsetMs: fc.integer({ min: 0, max: 1e6 }),
    maxDriftPpm: fc.integer({ min: 0, max: 10_000 }),
  }),
  fc.record({
    kind: kind('restart'),
    share,
    target: fc.oneof(target, fc.constant<FaultTarget>('origins')),
    when,
    keepsCache: fc.boolean(),
  }),
  fc.record({ kind: kind('pause'), share, target: withServers, when }),
  fc.record({
    kind: kind('degrade'),
    share,
    target: withServers,
    when,
    upShare: share,
    downShare: share,
    addedMs: fc.integer({ min: 0, max: 500 }),
    lossRate: fc.constantFrom(0, 0.05, 0.3),
  }),
  fc.record({
    kind: kind('tracker-outage'),
    share,
    when,
    memory: fc.constantFrom('kept' as const, 'lost' as const),
    refuses: fc.boolean(),
  }),
  fc.record({ kind: kind('tracker-slow'), share, when, delayMs: fc.integer({ min: 0, max: 30_000 }) }),
  fc.record({ kind: kind('origin-outage'), share, when, refuses: fc.boolean() }),
  fc.record({
    kind: kind('partition'),
    when,
    between: withServers,
    and: fc.oneof(withServers, fc.constant('rest' as const)),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    oneWay: fc.boolean(),
  }),
)
