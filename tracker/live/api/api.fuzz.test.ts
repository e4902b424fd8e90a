import type { Request, Response } from 'express'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import type { z } from 'zod'
import { PolicyMaker } from '../../../model/policy-maker.ts'
import { createRanker } from '../../../model/policies.ts'
import { SeededRandom } from '../../../peer/ports/seeded-random.ts'
import { SystemClock } from '../../../peer/ports/system-clock.ts'
import { ProtocolError } from '../../../peer/protocol/errors.ts'
import { fuzz } from '../../../tools/testing/fuzz-cases.ts'
import { TRACKER_DEFAULTS } from '../../core/options.ts'
import { Tracker } from '../../core/tracker.ts'
import { Contents } from '../contents.ts'
import { Holdings } from '../holdings.ts'
import { HttpError } from '../errors.ts'
import { HttpNetwork } from '../http-network.ts'
import { TrackerMetrics } from '../metrics.ts'
import { Revocations } from '../revocations.ts'
import { Serving } from '../serving.ts'
import { peerIdOf } from './api.testing.ts'
import { makeRoutes } from './create-api.ts'
import type { Route } from './route.ts'
import { ListSink, MemoryModels } from './stores.testing.ts'

const MOST_SWARMS = 50
const sink = new ListSink()
const tracker = makeTracker()
const routes = tracker.routes.filter(
  ({ name }) => !['downloadContent', 'oldDownloadChunk', 'downloadChunk'].includes(name),
)

function makeTracker() {
  const random = new SeededRandom('fuzz')
  const network = new HttpNetwork()
  const ranker = createRanker({ name: 'random' }, { random })
  const recorder = { wants: () => false, record: () => undefined }
  const core = new Tracker(
    { clock: new SystemClock(), random, network, ranker, recorder },
    {
      settings: { ...TRACKER_DEFAULTS, maxSwarms: MOST_SWARMS, maxPeersPerSwarm: 20 },
      rttEstimateMs: () => NaN,
    },
  )
  const metrics = new TrackerMetrics()
  const log = pino({ level: 'silent' })
  const { routes: made } = makeRoutes(
    { sink, models: new MemoryModels() },
    {
      ...{
        tracker: core,
        network,
        contents: new Contents(),
        regionOf: () => '',
        log,
        revocations: new Revocations({ nowMs: () => 0, log }),
      },
      ...{ serving: new Serving({ policy: 'random', model: '', ranker }, metrics), metrics },
      ...{ maker: new PolicyMaker(random), holdings: new Holdings(core, 1000), isReady: () => true },
    },
  )
  return { core, routes: made }
}
afterAll(() => tracker.core.stop())

/** Values that come close to being valid, and others. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    peerIdOf(1),
    peerIdOf(2),
    'c'.repeat(64),
    'a'.repeat(40),
    'film',
    '__proto__',
    'random',
    'model',
  ),
  fc.integer({ min: -2, max: 70_000 }),
  fc.constantFrom('0', '1', '256', '1e3', ' 1', '-1', '65536', 'a-report-1', 'ok', 'canary', 0.5, 1e300, -0),
  fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 5 }),
)

const shapeOf = (schema: z.ZodType | undefined): string[] =>
  Object.keys((schema as { shape?: object } | undefined)?.shape ?? {})

/** Fields by the names that a schema has, and by others. */
const fields = (schema: z.ZodType | undefined): fc.Arbitrary<Record<string, unknown>> => {
  const names = shapeOf(schema)
  const known = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] })
  return fc.tuple(known, fc.dictionary(fc.string(), value, { maxKeys: 1 })).map(([a, b]) => ({ ...b, ...a }))
}

const outcome = fc.record(
  {
    ...{
      chunk: value,
      seed: value,
      result: fc.constantFrom('ok', 'timeout', 'no'),
      bytes: value,
      durationMs: value,
    },
    ...{
      propensity: value,
      candidates: fc.array(
        fc.record({ peer: value, features: fc.dictionary(fc.constantFrom('rtt_ms', 'x'), value) }),
      ),
    },
  },
  { requiredKeys: ['chunk', 'seed', 'result'] },
)

const bodyOf = (route: Route): fc.Arbitrary<unknown> => {
  if (route.rawType !== undefined) return fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  if (!route.body) return fc.constant(undefined)
  const shaped = fields(route.body)
  const withOutcomes = fc
    .tuple(shaped, fc.array(outcome, { maxLength: 3 }))
    .map(([body, outcomes]) => ({ ...body, outcomes }))
  return fc.oneof(fc.jsonValue(), shaped, route.name === 'reportOutcomes' ? withOutcomes : shaped)
}

// An object may have a `toString` of its own.
const text = fc.oneof(
  value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))),
  fc.string(),
)
const request = fc.constantFrom(...routes).chain((route) =>
  fc.record({
    route: fc.constant(route),
    params: fc.record(Object.fromEntries(shapeOf(route.params).map((name) => [name, text]))),
    query: fields(route.query).map(
      (query) =>
        JSON.parse(JSON.stringify(query), (_key, one) =>
          typeof one === 'object' || Array.isArray(one) ? one : String(one),
        ) as object,
    ),
    body: bodyOf(route),
  }),
)

/** Lets all members go: a swarm of many chunks is a quarter of a megabyte. */
function empty(): void {
  for (const swarm of [...tracker.core.swarms()])
    for (const { peerId } of [...swarm.members()]) tracker.core.leave(swarm.contentId, peerId)
}

it('no path, query or body makes a route fail but with an error for the caller', async () => {
  const statuses = new Map<number, number>()
  await fuzz(
    fc.asyncProperty(request, async ({ route, params, query, body }) => {
      let status = 200
      let isAnswered = false
      const answer = (): void => void (isAnswered = true)
      const res: Record<string, unknown> = {
        locals: {},
        headersSent: false,
        setHeader: () => res,
        type: () => res,
      }
      res['status'] = (code: number) => {
        status = code
        return res
      }
      res['json'] = res['send'] = res['end'] = answer
      const headers = { 'content-type': route.rawType ?? 'application/json' }
      const req = { params, query, body, headers, method: route.method.toUpperCase(), ip: '192.0.2.1' }
      try {
        await route.run(req as unknown as Request, res as unknown as Response)
        expect([route.name, isAnswered]).toEqual([route.name, true])
      } catch (error) {
        if (error instanceof HttpError) status = error.status
        else if (error instanceof ProtocolError) status = 400
        else throw error
        expect([status >= 400 && status < 500, error.message.length < 2000]).toEqual([true, true])
      }
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      sink.outcomes.length = 0
    }),
    3000,
    empty,
  )
  // Both sides of every schema were tried.
  expect(statuses.get(200)).toBeGreaterThan(100)
  expect(statuses.get(400)).toBeGreaterThan(100)
  expect([...tracker.core.swarms()].length).toBeLessThanOrEqual(MOST_SWARMS)
})
