import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, type TestContext, vi } from 'vitest'
import type { RevocationStore } from '../../peer/ports/outcome-store.ts'
import { type MongoServer, startMongo } from '../../tools/testing/mongo.ts'
import { ApiHarness } from '../../tracker/live/api/api.testing.ts'
import { mintToken, type Role } from '../../tracker/live/tokens.ts'
import { openStore } from './open-store.ts'

const secret = Buffer.from('0123456789abcdef0123456789abcdef')
const tokenKey = { kind: 'secret', secret } as const
const folder = mkdtempSync(join(tmpdir(), 'seedbed-revocations-'))
const closing: (() => Promise<void>)[] = []
let server: Promise<MongoServer> | undefined
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  await (await server)?.stop()
  rmSync(folder, { recursive: true })
})

/** A tracker of the store at a place, as if it were another process. */
async function start(place?: string): Promise<ApiHarness> {
  const store = place === undefined ? undefined : await openStore(place)
  const api = await ApiHarness.start({ tokenKey, revocations: store?.revocations })
  closing.push(async () => {
    await api.stop()
    await store?.close()
  })
  return api
}

const mint = (subject: string, tokenId?: string, role: Role = 'admin', seconds = 600): Promise<string> =>
  mintToken(secret, { subject, role, ...(tokenId !== undefined && { tokenId }) }, seconds)
const REFUSED = [401, 'E_TOKEN']

const PLACES: [string, (context: TestContext) => Promise<string>][] = [
  ['a folder', () => Promise.resolve(mkdtempSync(join(folder, 'store-')))],
  ['MongoDB', async (context) => (await (server ??= startMongo(context))).freshDatabase()],
]

describe.each(PLACES)('tokens that were revoked, with %s', (_, placeOf) => {
  it('do at once no more, nor at other trackers of the store, nor after a restart', async (context) => {
    const place = await placeOf(context)
    const [api, other] = [await start(place), await start(place)]
    const [ops, lost] = [await mint('ops'), await mint('ops', 'lost')]
    expect((await other.ask('/admin/revocations', { token: lost })).status).toBe(200)
    const { status, json } = await api.ask('/admin/revocations', { json: { jti: 'lost' }, token: ops })
    expect([status, json]).toEqual([
      201,
      {
        revocation: 'jti:lost',
        kind: 'jti',
        name: 'lost',
        revokedMs: expect.any(Number),
        expiresMs: null,
        isKept: true,
      },
    ])
    expect(await api.refusal('/admin/revocations', { token: lost })).toEqual(REFUSED)
    await vi.waitFor(
      async () => expect(await other.refusal('/admin/revocations', { token: lost })).toEqual(REFUSED),
      { timeout: 10_000 },
    )
    const next = await start(place)
    expect(await next.refusal('/admin/revocations', { token: lost })).toEqual(REFUSED)
    expect((await next.ask('/admin/revocations', { token: ops })).json.revocations).toMatchObject([
      // It has shown itself: it is forgotten when it has expired.
      { revocation: 'jti:lost', expiresMs: expect.any(Number) },
    ])
  })
})

describe('a subject whose tokens were revoked', () => {
  it('is refused with each of them, and taken with those that it is given afterwards', async () => {
    const api = await start()
    const ops = await mint('ops')
    const old = [await mint('app', 'a', 'report'), await mint('app', 'b', 'admin')]
    const json = { subject: 'app', expiresMs: Date.now() + 600_000 }
    const answer = await api.ask('/admin/revocations', { json, token: ops })
    expect(answer.json).toMatchObject({ revocation: 'subject:app', isKept: false })
    for (const token of old) expect(await api.refusal('/v1/outcomes', { json: {}, token })).toEqual(REFUSED)
    vi.useFakeTimers({ now: Date.now() + 1000, toFake: ['Date'] })
    try {
      const token = await mint('app', 'c', 'report')
      expect(await api.refusal('/v1/outcomes', { json: {}, token })).toEqual([400, 'E_INVALID'])
    } finally {
      vi.useRealTimers()
    }
    const path = '/admin/revocations/subject:app'
    expect((await api.ask(path, { method: 'DELETE', token: ops })).json).toEqual({
      revocation: 'subject:app',
    })
    expect(await api.refusal('/v1/outcomes', { json: {}, token: old[0] })).toEqual([400, 'E_INVALID'])
    expect(await api.refusal(path, { method: 'DELETE', token: ops })).toEqual([404, 'E_UNKNOWN_REVOCATION'])
  })
})

describe('revocations', () => {
  it('are forgotten when the tokens would have expired, and not before', async () => {
    const api = await start()
    const [ops, brief] = [await mint('ops', 'ops', 'admin', 86_400), await mint('app', 'brief', 'report', 60)]
    await api.ask('/admin/revocations', { json: { jti: 'brief' }, token: ops })
    expect(await api.refusal('/v1/outcomes', { json: {}, token: brief })).toEqual(REFUSED)
    const list = async (): Promise<unknown[]> =>
      (await api.ask('/admin/revocations', { token: ops })).json.revocations
    expect(await list()).toHaveLength(1)
    const nowMs = Date.now()
    try {
      vi.useFakeTimers({ now: nowMs + 100_000, toFake: ['Date'] })
      expect(await list()).toHaveLength(1)
      vi.useFakeTimers({ now: nowMs + 130_000, toFake: ['Date'] })
      expect(await list()).toEqual([])
      expect(await api.refusal('/v1/outcomes', { json: {}, token: brief })).toEqual(REFUSED)
    } finally {
      vi.useRealTimers()
    }
  })

  it('of what can not be are refused', async () => {
    const api = await start()
    const token = await mint('ops')
    for (const json of [
      {},
      { jti: '' },
      { jti: 'a', subject: 'b' },
      { jti: 'x'.repeat(129) },
      { jti: 'a', expiresMs: 1 },
    ])
      expect(await api.refusal('/admin/revocations', { json, token })).toEqual([400, 'E_INVALID'])
    const reporter = await mint('app', 'r', 'report')
    expect(await api.refusal('/admin/revocations', { json: { jti: 'a' }, token: reporter })).toEqual([
      403,
      'E_ROLE',
    ])
  })

  it('that can not be read let no admin in, and reporters go on', async () => {
    const down: RevocationStore = {
      revoke: () => Promise.reject(new Error('down')),
      lift: () => Promise.reject(new Error('down')),
      revocations: () => Promise.reject(new Error('down')),
    }
    const api = await ApiHarness.start({ tokenKey, revocations: down })
    expect(await api.refusal('/admin/revocations', { token: await mint('ops') })).toEqual([
      503,
      'E_STORE_DOWN',
    ])
    const reporter = await mint('app', 'r', 'report')
    expect(await api.refusal('/v1/outcomes', { json: {}, token: reporter })).toEqual([400, 'E_INVALID'])
    await api.stop()
  })
})
