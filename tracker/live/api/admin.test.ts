import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ListRecorder } from '../../../peer/core/harness.testing.ts'
import { StoreUnavailableError } from '../../../peer/ports/outcome-store.ts'
import { mintToken } from '../tokens.ts'
import { shareOf } from '../serving.ts'
import { ApiHarness, peerIdOf } from './api.testing.ts'
import { formOf, MemoryModels, modelFiles } from './stores.testing.ts'

const secret = Buffer.from('0123456789abcdef0123456789abcdef')
const models = new MemoryModels()
const recorder = new ListRecorder()
let api: ApiHarness
let token: string

beforeAll(async () => {
  token = await mintToken(secret, { subject: 'ops', role: 'admin' }, 600)
  api = await ApiHarness.start({ tokenKey: { kind: 'secret', secret }, models, recorder })
})
afterAll(() => api.stop())

const upload = async (name: string): Promise<string> => {
  const { status, json } = await api.ask('/admin/models', { body: formOf(await modelFiles(name)), token })
  expect([status, json.observable, json.architecture]).toEqual([201, 'peer', expect.stringMatching(/-8-1$/)])
  return json.label
}
const put = (path: string, json: object) => api.ask(path, { method: 'PUT', json, token })

it('serve though the store of models is down', async () => {
  const down = new MemoryModels()
  const reject = (): Promise<never> => Promise.reject(new Error('down'))
  Object.assign(down, { activated: reject, activations: reject })
  const next = await ApiHarness.start({ models: down, resumesPolicy: true })
  expect((await next.ask('/ready')).status).toBe(200)
  await next.stop()
})

it('a switch that the store has noted without saying so was not made, and does not come back', async () => {
  const deaf = new MemoryModels()
  const options = { tokenKey: { kind: 'secret', secret }, models: deaf, resumesPolicy: true } as const
  const next = await ApiHarness.start(options)
  const ask = async (path: string, method: string, json?: object) =>
    (await next.ask(path, { method, ...(json && { json }), token })).json
  await ask('/admin/policy', 'PUT', { policy: 'nearest' })
  const { activated } = deaf
  deaf.activated = async (switched) => {
    await activated.call(deaf, switched)
    throw new StoreUnavailableError('E_STORE_DOWN', 'no answer', 2500)
  }
  const { error } = await ask('/admin/policy', 'PUT', { policy: 'fastest' })
  expect(error).toEqual({ code: 'E_STORE_DOWN', message: 'no answer' })
  expect((await deaf.activations(1))[0].policy).toBe('fastest')
  deaf.activated = activated
  const shown = (await ask('/admin/switches', 'GET')).switches
  expect(shown.map(({ policy }: { policy: string }) => policy)).toEqual(['nearest', 'random'])
  expect((await ask('/admin/policy/rollback', 'POST')).main.policy).toBe('random')
  expect((await ask('/admin/policy/rollback', 'POST')).main.policy).toBe('nearest')
  const third = await ApiHarness.start(options)
  expect((await third.ask('/admin/policy', { token })).json).toMatchObject({ main: { policy: 'nearest' } })
  await third.stop()
  await next.stop()
})

describe('models', () => {
  it('are checked, kept, listed and removed', async () => {
    const label = await upload('first')
    expect(label).toMatch(/^first@[0-9a-f]{12}$/)
    const { json } = await api.ask('/admin/models', { token })
    expect(json.models).toEqual([{ label, savedMs: expect.any(Number), isServing: false }])
    const gone = await api.ask(`/admin/models/${label}`, { method: 'DELETE', token })
    expect(gone.json).toEqual({ label })
    expect(await api.refusal(`/admin/models/${label}`, { method: 'DELETE', token })).toEqual([
      404,
      'E_UNKNOWN_MODEL',
    ])
  })

  it('are refused where they do not do', async () => {
    const files = await modelFiles('bad')
    const refusal = (changed: [string, Buffer<ArrayBuffer>][]) =>
      api.refusal('/admin/models', { body: formOf(new Map([...files, ...changed])), token })
    const weights = files.get('weights.bin')!
    expect(await refusal([['weights.bin', weights.subarray(4)]])).toEqual([422, 'E_MODEL'])
    expect(await refusal([['weights.bin', Buffer.alloc(weights.length, 0xff)]])).toEqual([422, 'E_MODEL'])
    expect(await refusal([['card.json', Buffer.from('{}')]])).toEqual([422, 'E_MODEL'])
    expect(await refusal([['../card.json', weights]])).toEqual([400, 'E_FORM'])
    expect(await refusal([['README.md', Buffer.alloc(12 * 1024 * 1024)]])).toEqual([
      413,
      'E_ENTITY_TOO_LARGE',
    ])
    const only = formOf(new Map([['card.json', files.get('card.json')!]]))
    expect(await api.refusal('/admin/models', { body: only, token })).toEqual([422, 'E_MODEL'])
    const name = JSON.stringify({ ...JSON.parse(files.get('card.json')!.toString()), name: '../../up' })
    expect(await refusal([['card.json', Buffer.from(name)]])).toEqual([422, 'E_TRAINING'])
    expect(await api.refusal('/admin/models', { json: {}, token })).toEqual([415, 'E_CONTENT_TYPE'])
    expect((await api.ask('/admin/models', { token })).json.models).toEqual([])
  })

  it('any form is taken or refused', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const body = `--b\r\ncontent-disposition: form-data; name="card.json"; filename="x"\r\n\r\n${text}\r\n--b--`
        for (const sent of [body, text]) {
          const { status } = await api.ask('/admin/models', { body: sent, headers, token })
          expect([400, 415, 422]).toContain(status)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('policies', () => {
  const announce = async (): Promise<string> => {
    const sent = { peer: peerIdOf(1), port: 1, chunks: [1], chunkCount: 4 }
    await api.ask(`/v1/contents/${'c'.repeat(64)}/chunks`, { json: sent })
    return (await api.ask(`/v1/contents/${'c'.repeat(64)}/chunks`)).json.policyVersion
  }

  it('are switched and rolled back without a restart', async () => {
    const label = await upload('second')
    const switched = await put('/admin/policy', { policy: 'model', model: label })
    expect(switched.json.main).toEqual({ policy: 'model', version: label, model: label })
    expect(await announce()).toBe(label)
    expect(recorder.rows.at(-1)).toMatchObject({ policy: 'model', policyVersion: label, result: 'listed' })
    expect(await api.refusal(`/admin/models/${label}`, { method: 'DELETE', token })).toEqual([
      409,
      'E_SERVING',
    ])
    await put('/admin/policy', { policy: 'nearest' })
    const back = await api.ask('/admin/policy/rollback', { method: 'POST', token })
    expect(back.json.main.model).toBe(label)
    const again = await api.ask('/admin/policy/rollback', { method: 'POST', token })
    expect(again.json.main.policy).toBe('nearest')
    const { switches } = (await api.ask('/admin/switches', { token })).json
    expect(switches.map(({ policy }: { policy: string }) => policy)).toEqual([
      ...['nearest', 'model', 'nearest', 'model', 'random'],
    ])
    await put('/admin/policy', { policy: 'random' })
  })

  it('are refused where they do not do, and what ranks stays', async () => {
    const code = async (json: object) => {
      const { status, json: answer } = await put('/admin/policy', json)
      return [status, answer.error.code]
    }
    expect(await code({ policy: 'wisest' })).toEqual([422, 'E_POLICY'])
    expect(await code({ policy: 'model' })).toEqual([422, 'E_POLICY'])
    expect(await code({ policy: 'model', model: 'no@model' })).toEqual([404, 'E_UNKNOWN_MODEL'])
    expect(await code({ policy: 'model', model: '../..' })).toEqual([404, 'E_UNKNOWN_MODEL'])
    expect(await code({ policy: 'random', extra: 1 })).toEqual([400, 'E_INVALID'])
    expect(await announce()).toBe('1')
  })

  it('are switched under load: every announce is answered, every decision is by one policy', async () => {
    const label = await upload('loaded')
    recorder.rows.length = 0
    const announce = (i: number) =>
      api.ask(
        `/announce?info_hash=${'i'.repeat(20)}&peer_id=${String(i).padStart(20, '0')}&port=${i + 1}&left=1`,
      )
    const load = Promise.all(Array.from({ length: 300 }, (_, i) => announce(i)))
    for (let i = 0; i < 10; i++)
      await put('/admin/policy', i % 2 === 0 ? { policy: 'model', model: label } : { policy: 'random' })
    expect((await load).every(({ status, bytes }) => status === 200 && bytes.includes('5:peers'))).toBe(true)
    const kinds = new Set(
      recorder.rows.map(({ policy, policyVersion, scores }) => {
        const isScored = scores.some((score) => score !== 0)
        return `${policy} ${policyVersion} ${isScored}`
      }),
    )
    expect([...kinds].filter((kind) => kind !== `model ${label} true` && kind !== 'random 1 false')).toEqual(
      [],
    )
    expect(recorder.rows.length).toBeGreaterThan(290)
  })

  it('switches that come at once happen one after the other', async () => {
    const policies = ['nearest', 'fastest', 'least-loaded', 'random']
    await Promise.all(policies.map((policy) => put('/admin/policy', { policy })))
    const { switches } = (await api.ask('/admin/switches', { token })).json
    const { main } = (await api.ask('/admin/policy', { token })).json
    expect(switches[0].policy).toBe(main.policy)
    await put('/admin/policy', { policy: 'random' })
  })

  it('a canary serves its share of the swarms, a shadow is only recorded, and both are logged', async () => {
    const label = await upload('third')
    const share = 0.5
    const swarms = Array.from({ length: 12 }, (_, i) => i.toString(16).padStart(64, '0'))
    const isIn = (swarm: string): boolean => shareOf(swarm) < share
    expect(new Set(swarms.map(isIn)).size).toBe(2)
    const seen = async (): Promise<string[][]> => {
      recorder.rows.length = 0
      for (const swarm of swarms) {
        const sent = { peer: peerIdOf(1), port: 1, chunks: [1], chunkCount: 4 }
        await api.ask(`/v1/contents/${swarm}/chunks`, { json: sent })
        const { policy } = (await api.ask(`/v1/contents/${swarm}/chunks`)).json
        const rows = recorder.rows.filter(({ contentId }) => contentId === swarm)
        expect(rows.map((row) => row.result)).toEqual(isIn(swarm) ? ['listed', 'shadow'] : ['listed'])
        expect(rows[0].policy).toBe(policy)
      }
      return swarms.map((swarm) =>
        recorder.rows.filter(({ contentId }) => contentId === swarm).map(({ policy }) => policy),
      )
    }
    await put('/admin/policy/second', { mode: 'canary', share, policy: 'model', model: label })
    expect(await seen()).toEqual(swarms.map((swarm) => (isIn(swarm) ? ['model', 'random'] : ['random'])))
    const shadow = await put('/admin/policy/second', { mode: 'shadow', share, policy: 'model', model: label })
    expect(shadow.json.second).toMatchObject({ mode: 'shadow', share, model: label })
    expect(await seen()).toEqual(swarms.map((swarm) => (isIn(swarm) ? ['random', 'model'] : ['random'])))
    const text = (await api.ask('/metrics')).bytes.toString()
    expect(text).toContain(`seedbed_policy_info{slot="shadow",policy="model",version="${label}"} 1`)
    expect(text).toMatch(/seedbed_shadow_decisions_total \d\d/)
    const ended = await api.ask('/admin/policy/second', { method: 'DELETE', token })
    expect(ended.json.second).toBe(null)
  })

  it('the one that an admin chose goes on after a restart', async () => {
    await put('/admin/policy', { policy: 'fastest' })
    await put('/admin/policy/second', { mode: 'canary', share: 0.25, policy: 'nearest' })
    const next = await ApiHarness.start({ tokenKey: { kind: 'secret', secret }, models, resumesPolicy: true })
    const { main, second } = (await next.ask('/admin/policy', { token })).json
    expect([main.policy, second]).toEqual([
      'fastest',
      { mode: 'canary', share: 0.25, policy: 'nearest', version: '1', model: '' },
    ])
    await next.ask('/admin/policy/second', { method: 'DELETE', token })
    const third = await ApiHarness.start({
      tokenKey: { kind: 'secret', secret },
      models,
      resumesPolicy: true,
    })
    expect((await third.ask('/admin/policy', { token })).json.second).toBe(null)
    await third.stop()
    await next.stop()
    await put('/admin/policy', { policy: 'random' })
  })
})

it('swarms are spread evenly, and a torrent lies where its browsers do', () => {
  const shares = Array.from({ length: 4000 }, (_, i) => shareOf(i.toString(16).padStart(40, '0')))
  for (const share of [0.1, 0.5, 0.9])
    expect(shares.filter((at) => at < share).length / shares.length).toBeCloseTo(share, 1)
  expect(shareOf(`webrtc:${'a'.repeat(40)}`)).toBe(shareOf('a'.repeat(40)))
})
