import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { type MongoProcess, startMongoProcess } from '../../tools/testing/mongo.ts'
import { requireSystem } from '../../tools/testing/system.ts'
import { ApiHarness, peerIdOf, type Sent } from '../../tracker/live/api/api.testing.ts'
import { formOf, modelFiles } from '../../tracker/live/api/stores.testing.ts'
import { mintToken } from '../../tracker/live/tokens.ts'
import { type LiveOutcomes, openLiveOutcomes } from './live-outcomes.ts'
import { whileReachable } from './mongo-connection.ts'

const secret = Buffer.from('0123456789abcdef0123456789abcdef')
const folder = mkdtempSync(join(tmpdir(), 'seedbed-outage-'))
const put = (json: object): Sent => ({ method: 'PUT', json, token })
let token: string

beforeAll(async () => {
  token = await mintToken(secret, { subject: 'ops', role: 'admin' }, 600)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A tracker whose store is a database server of its own. */
class Outage {
  readonly #program: string
  readonly #files = mkdtempSync(join(folder, 'files-'))
  server!: MongoProcess
  outcomes!: LiveOutcomes
  api!: ApiHarness

  constructor(program: string) {
    this.#program = program
  }

  static async begin(context: TestContext, timeouts: string): Promise<Outage> {
    const outage = new Outage(requireSystem('mongo-server', context))
    outage.server = await startMongoProcess(outage.#program, outage.#files)
    outage.outcomes = await openLiveOutcomes({
      ...{ store: `${outage.server.uri}test?${timeouts}`, role: 'tracker' },
      queueFolder: mkdtempSync(join(folder, 'queue-')),
    })
    outage.api = await outage.startTracker()
    return outage
  }

  startTracker(): Promise<ApiHarness> {
    const { sink, store } = this.outcomes
    const tokenKey = { kind: 'secret', secret } as const
    return ApiHarness.start({ tokenKey, sink, models: store.models, resumesPolicy: true })
  }

  async comeBack(): Promise<void> {
    this.server = await startMongoProcess(this.#program, this.#files, Number(new URL(this.server.uri).port))
  }

  async end(): Promise<void> {
    await this.api.stop()
    await this.outcomes.close()
    await this.server.stop()
  }
}

const upload = async (name: string): Promise<Sent> => ({ body: formOf(await modelFiles(name)), token })

describe('while the database is down', () => {
  it('admins are told to come again, nothing changes, and what serves goes on', async (context) => {
    const outage = await Outage.begin(context, 'serverSelectionTimeoutMS=100')
    const { api } = outage
    const { label } = (await api.ask('/admin/models', await upload('first'))).json
    await api.ask('/admin/policy', put({ policy: 'model', model: label }))
    await api.ask('/admin/policy/second', put({ policy: 'nearest', mode: 'canary', share: 0 }))
    const before = (await api.ask('/admin/policy', { token })).json
    await outage.server.stop()

    const asked: [string, Sent][] = [
      ['/admin/models', { token }],
      ['/admin/models', await upload('second')],
      ['/admin/models/other@0123456789ab', { method: 'DELETE', token }],
      ['/admin/switches', { token }],
      ['/admin/policy', put({ policy: 'fastest' })],
      ['/admin/policy', put({ policy: 'model', model: 'other@0123456789ab' })],
      ['/admin/policy/rollback', { method: 'POST', token }],
      ['/admin/policy/second', put({ policy: 'fastest', mode: 'shadow', share: 1 })],
      ['/admin/policy/second', { method: 'DELETE', token }],
    ]
    for (const [path, sent] of asked) {
      const { status, headers, json } = await api.ask(path, sent)
      const { code, message } = json.error
      expect([path, status, code, headers.get('retry-after')]).toEqual([path, 503, 'E_STORE_DOWN', '10'])
      expect(message).toMatch(/^store mongodb:\/\/127\.0\.0\.1:\d+\/test can't be reached: .*is the server/)
    }
    expect((await api.ask('/admin/policy', { token })).json).toEqual(before)
    expect((await api.ask('/ready')).status).toBe(200)
    const sent = { peer: peerIdOf(1), port: 1, chunks: [1], chunkCount: 4 }
    await api.ask(`/v1/contents/${'c'.repeat(64)}/chunks`, { json: sent, token })
    const map = await api.ask(`/v1/contents/${'c'.repeat(64)}/chunks`)
    expect(map.json.policyVersion).toBe(label)
    const row = { chunk: 1, seed: 'b', result: 'ok', bytes: 5, durationMs: 3 }
    const report = { report: 'a-report-1', content: 'film', peer: 'a', outcomes: [row] }
    expect((await api.ask('/v1/outcomes', { json: report, token })).status).toBe(200)

    await outage.comeBack()
    const { models } = (await api.ask('/admin/models', { token })).json
    expect(models.map((model: { label: string }) => model.label)).toEqual([label])
    const back = await api.ask('/admin/policy/rollback', { method: 'POST', token })
    expect(back.json.main.policy).toBe('random')
    await outage.end()
  })

  it('a switch that a frozen server may have noted was not made, now and after a restart', async (context) => {
    const timeouts = 'serverSelectionTimeoutMS=100&socketTimeoutMS=100&retryWrites=false'
    const outage = await Outage.begin(context, timeouts)
    const { api } = outage
    await api.ask('/admin/policy', put({ policy: 'nearest' }))
    outage.server.freeze()
    expect(await api.refusal('/admin/policy', put({ policy: 'fastest' }))).toEqual([503, 'E_STORE_DOWN'])
    outage.server.thaw()
    expect((await api.ask('/admin/policy', { token })).json.main.policy).toBe('nearest')
    expect((await api.ask('/admin/policy/rollback', { method: 'POST', token })).json.main.policy).toBe(
      'random',
    )
    await api.ask('/admin/policy/rollback', { method: 'POST', token })
    const next = await outage.startTracker()
    expect((await next.ask('/admin/policy', { token })).json.main.policy).toBe('nearest')
    await next.stop()
    await outage.end()
  })

  it('nobody waits for ever for a server that says nothing', async () => {
    const silent = new Promise<never>(() => undefined)
    await expect(whileReachable('mongodb://h/d', () => silent, 5)).rejects.toMatchObject({
      ...{ code: 'E_STORE_DOWN', retryAfterMs: 10_000 },
      message: expect.stringContaining('no answer within 5 ms'),
    })
  })
})
