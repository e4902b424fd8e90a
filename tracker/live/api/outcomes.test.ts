import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OutcomesRefusedError } from '../../../peer/ports/outcome-sink.ts'
import { FEATURE_COUNT, FEATURE_INDEX } from '../../../peer/protocol/features.ts'
import { ApiHarness, peerIdOf } from './api.testing.ts'
import { ListSink } from './stores.testing.ts'

const CONTENT = 'c'.repeat(64)
const sink = new ListSink()
let api: ApiHarness

beforeAll(async () => {
  api = await ApiHarness.start({ sink, outcomeQueue: () => ({ queuedBytes: 12, isStoreUp: false }) })
  for (const number of [1, 2])
    await api.ask(`/v1/contents/${CONTENT}/chunks`, {
      json: { peer: peerIdOf(number), port: 4000 + number, chunks: [number], chunkCount: 10 },
    })
})
afterAll(() => api.stop())

const outcome = { chunk: 2, seed: peerIdOf(2), result: 'ok', bytes: 1000, durationMs: 500 }
const report = (more: object = {}) => ({
  ...{ report: randomUUID(), content: CONTENT, peer: peerIdOf(1), outcomes: [outcome] },
  ...more,
})

describe('outcome reports', () => {
  it('are kept as rows, with all that the peer knew, and count in the ranking', async () => {
    sink.outcomes.length = 0
    const candidates = [
      { peer: peerIdOf(3), features: { rtt_ms: 12.5 }, score: 0.25 },
      { peer: peerIdOf(2), features: { goodput_bps: 2000, own_ok: null } },
    ]
    const sent = report({
      outcomes: [{ ...outcome, candidates, propensity: 0.5, policy: 'fastest', ttfbMs: 30 }],
    })
    const { json } = await api.ask('/v1/outcomes', { json: sent })
    expect(json).toEqual({ report: sent.report, outcomes: 1, isNew: true, isKept: true })
    expect(sink.outcomes).toHaveLength(1)
    const { row, ...about } = sink.outcomes[0]
    expect(about).toMatchObject({ decision: 0, reporter: '' })
    expect(about.runId).toMatch(/^report:[0-9a-f]{16}:[0-9a-f-]{36}$/)
    expect(row).toMatchObject({
      place: 'peer',
      contentId: CONTENT,
      requesterId: peerIdOf(1),
      chunk: 2,
      chosen: 1,
    })
    expect(row).toMatchObject({
      result: 'ok',
      propensity: 0.5,
      policy: 'fastest',
      ttfbMs: 30,
      connectMs: NaN,
    })
    expect(row.candidateIds).toEqual([peerIdOf(3), peerIdOf(2)])
    expect(row.features[FEATURE_INDEX.rtt_ms]).toBe(12.5)
    expect(row.features[FEATURE_COUNT + FEATURE_INDEX.goodput_bps]).toBe(2000)
    expect(row.features[FEATURE_COUNT + FEATURE_INDEX.own_ok]).toBeNaN()
    expect([...row.scores]).toEqual([0.25, 0])
    const holders = (await api.ask(`/v1/contents/${CONTENT}/chunks/2`)).json.holders
    expect(holders[0]).toMatchObject({ peer: peerIdOf(2), goodputBps: 2000, successShare: 1 })
  })

  it('count once, however often they come', async () => {
    sink.outcomes.length = 0
    const sent = report()
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => api.ask('/v1/outcomes', { json: sent })),
    )
    expect(answers.map(({ json }) => json.isNew).filter(Boolean)).toHaveLength(1)
    expect(sink.outcomes).toHaveLength(1)
  })

  it('are acknowledged when they are safe, not before, and can be sent again where they were not', async () => {
    sink.outcomes.length = 0
    sink.whenAsked = () =>
      Promise.reject(new OutcomesRefusedError('E_OUTCOMES_QUEUE_FULL', 'the queue is full', 2500))
    const sent = report()
    const refused = await api.ask('/v1/outcomes', { json: sent })
    expect([refused.status, refused.json.error.code]).toEqual([503, 'E_OUTCOMES_QUEUE_FULL'])
    expect(refused.headers.get('retry-after')).toBe('3')
    let release = (): void => undefined
    sink.whenAsked = () => new Promise((resolve) => (release = resolve))
    let isAnswered = false
    const answered = api.ask('/v1/outcomes', { json: sent }).finally(() => (isAnswered = true))
    // Whatever was asked before this has reached the tracker once this is answered.
    await api.ask('/health')
    expect(isAnswered).toBe(false)
    release()
    expect((await answered).json.isNew).toBe(true)
    expect(sink.outcomes).toHaveLength(1)
    sink.whenAsked = () => Promise.resolve()
  })

  it('are refused where they can not be true, or speak for others', async () => {
    const wrong = [
      ...[{ outcomes: [] }, { outcomes: Array(65).fill(outcome) }, { report: 'short' }, { extra: 1 }],
      ...[
        { peer: 'x' },
        { outcomes: [{ ...outcome, durationMs: -1 }] },
        { outcomes: [{ ...outcome, bytes: 1e99 }] },
      ],
      { outcomes: [{ ...outcome, candidates: [{ peer: peerIdOf(9) }] }] },
      { outcomes: [{ ...outcome, candidates: [{ peer: peerIdOf(2), features: { nonsense: 1 } }] }] },
      { outcomes: [{ ...outcome, propensity: 0 }] },
    ]
    for (const more of wrong)
      expect(await api.refusal('/v1/outcomes', { json: report(more) })).toEqual([400, 'E_INVALID'])
    const large = JSON.stringify(report({ padding: 'x'.repeat(2 ** 20) }))
    const headers = { 'content-type': 'application/json' }
    expect(await api.refusal('/v1/outcomes', { body: large, headers })).toEqual([413, 'E_ENTITY_TOO_LARGE'])
  })

  it('any JSON is taken or refused, and what is taken is a row that can be stored', async () => {
    sink.outcomes.length = 0
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(null, undefined, '1'))
    const any = fc.record(
      {
        ...{
          chunk: number,
          attempt: number,
          seed: fc.constantFrom(peerIdOf(2), 'x'),
          bytes: number,
          durationMs: number,
        },
        ...{
          result: fc.constantFrom('ok', 'timeout', 'listed'),
          propensity: number,
          ttfbMs: number,
          seedActive: number,
        },
        candidates: fc.array(
          fc.record({
            peer: fc.constantFrom(peerIdOf(2), peerIdOf(3)),
            features: fc.record({ rtt_ms: number }),
          }),
          { maxLength: 3 },
        ),
      },
      { requiredKeys: ['seed', 'result'] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 3 }), async (more) => {
        const outcomes = more.map((one) => ({ ...outcome, ...one }))
        const { status } = await api.ask('/v1/outcomes', { json: report({ outcomes }) })
        expect([200, 400]).toContain(status)
      }),
      { numRuns: 200 },
    )
    for (const { row } of sink.outcomes) {
      expect(row.features).toHaveLength(row.candidateIds.length * FEATURE_COUNT)
      expect(row.scores).toHaveLength(row.candidateIds.length)
      expect(row.candidateIds[row.chosen]).toBeDefined()
      expect(row.durationMs).toBeGreaterThanOrEqual(0)
      expect(Number.isInteger(row.bytes)).toBe(true)
    }
  })
})

describe('metrics', () => {
  it('tell what has come and how long it took', async () => {
    const infoHash = encodeURIComponent('a'.repeat(20))
    await api.ask(`/announce?info_hash=${infoHash}&peer_id=${'p'.repeat(20)}&port=1&left=0`)
    await api.ask(`/announce?info_hash=short&peer_id=${'p'.repeat(20)}&port=1`)
    await api.ask(`/scrape?info_hash=${infoHash}`)
    await api.ask('/v1/swarms/nothing')
    const { bytes, headers } = await api.ask('/metrics')
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = bytes.toString()
    const value = (sample: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${sample} `))
          ?.split(' ')
          .pop(),
      )
    expect(value('seedbed_announces_total{protocol="http",result="ok"}')).toBe(1)
    expect(value('seedbed_announces_total{protocol="http",result="refused"}')).toBe(1)
    expect(value('seedbed_scrapes_total{protocol="http"}')).toBe(1)
    expect(value('seedbed_announce_seconds_count{protocol="http"}')).toBe(1)
    expect(value('seedbed_announce_seconds_bucket{protocol="http",le="+Inf"}')).toBe(1)
    expect(value('seedbed_swarms')).toBe(2)
    expect(value('seedbed_peers')).toBe(3)
    expect(value('seedbed_seeds')).toBe(1)
    expect(value('seedbed_policy_info{slot="main",policy="random",version="1"}')).toBe(1)
    expect(value('seedbed_reports_total{result="ok"}')).toBeGreaterThan(2)
    expect(value('seedbed_requests_total{route="swarm",status="404"}')).toBe(1)
    expect(value('seedbed_ranking_seconds_count{slot="served"}')).toBeGreaterThan(0)
    expect([value('seedbed_outcome_queue_bytes'), value('seedbed_outcome_store_up')]).toEqual([12, 0])
    expect(value('seedbed_errors_total{where="api"}')).toBe(1)
  })
})
