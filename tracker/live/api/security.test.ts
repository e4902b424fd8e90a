import { createHmac, generateKeyPairSync } from 'node:crypto'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { bdecode } from '../bittorrent.testing.ts'
import { networkOf, RateLimits } from '../rate-limits.ts'
import { createVerifier, mintToken } from '../tokens.ts'
import { ApiHarness, peerIdOf, type Sent } from './api.testing.ts'
import { ListSink, MemoryModels } from './stores.testing.ts'

const secret = Buffer.from('0123456789abcdef0123456789abcdef')
const tokenKey = { kind: 'secret', secret } as const
const CONTENT = 'c'.repeat(64)

/** As if from another address: what a trusted proxy says. */
const from = (host: string): Record<string, string> => ({ 'x-forwarded-for': host })

describe('tokens', () => {
  const key = { alg: 'HS256', typ: 'JWT' }
  const sign = (claims: object, header: object = key, by: string | Buffer = secret): string => {
    const head = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${head}.${createHmac('sha256', by).update(head).digest('base64url')}`
  }
  const nowS = Math.floor(Date.now() / 1000)
  const good = { sub: 'ops', role: 'admin', aud: 'seedbed-tracker', exp: nowS + 600 }
  let api: ApiHarness

  beforeAll(async () => {
    api = await ApiHarness.start({ tokenKey, models: new MemoryModels() })
  })
  afterAll(() => api.stop())

  it('let in who has one of the right role', async () => {
    expect((await api.ask('/admin/policy', { token: sign(good) })).status).toBe(200)
    const report = await mintToken(secret, { subject: 'app', role: 'report' }, 60)
    expect(await api.refusal('/admin/policy', { token: report })).toEqual([403, 'E_ROLE'])
    expect(await api.refusal('/admin/policy')).toEqual([401, 'E_TOKEN'])
    expect(await api.refusal('/v1/outcomes', { json: {} })).toEqual([401, 'E_TOKEN'])
    expect(await api.refusal('/v1/outcomes', { json: {}, token: report })).toEqual([400, 'E_INVALID'])
    expect(await api.refusal('/v1/outcomes', { json: {}, token: sign(good) })).toEqual([400, 'E_INVALID'])
    const { headers } = await api.ask('/admin/policy')
    expect(headers.get('www-authenticate')).toBe('Bearer realm="seedbed"')
  })

  it('every route of admins asks for one', async () => {
    const { json } = await api.ask('/openapi.json')
    for (const [path, methods] of Object.entries<object>(json.paths))
      for (const method of Object.keys(methods)) {
        if (!path.startsWith('/admin')) continue
        const sent = { method: method.toUpperCase(), headers: { 'content-type': 'application/json' } }
        expect([path, method, await api.refusal(path, sent)]).toEqual([path, method, [401, 'E_TOKEN']])
      }
  })

  it('do not where they are forged, expired or for somebody else', async () => {
    const { exp: _, ...endless } = good
    const { sub: __, ...nobody } = good
    const forged = [
      ...[
        sign(good, key, 'another secret that is long enough'),
        sign({ ...good, exp: nowS - 60 }),
        sign(endless),
      ],
      ...[
        sign(nobody),
        sign({ ...good, aud: 'another' }),
        sign({ ...good, role: 'root' }),
        sign({ ...good, nbf: nowS + 600 }),
      ],
      ...[
        sign(good, { alg: 'none' }),
        `${sign(good).split('.').slice(0, 2).join('.')}.`,
        sign(good, { alg: 'HS512' }),
      ],
      ...[
        sign({ ...good, sub: 'x'.repeat(5000) }),
        'x',
        'a.b.c',
        sign(good).replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')),
      ],
    ]
    for (const token of forged)
      expect([token, await api.refusal('/admin/policy', { token })]).toEqual([token, [401, 'E_TOKEN']])
    for (const authorization of ['', 'Basic b3BzOm9wcw==', 'Bearer', `bearer${sign(good)}`])
      expect((await api.ask('/admin/policy', { headers: { authorization } })).status).toBe(401)
  })

  it('any text is no token', async () => {
    const verifier = createVerifier(tokenKey)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(fc.base64String(), { maxLength: 4 }).map((p) => p.join('.')),
        ),
        async (text) => {
          await expect(verifier.verify(text)).rejects.toMatchObject({ status: 401 })
        },
      ),
    )
  })

  it('may be signed by others whose public key is known, and the key itself signs none', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
    const token = await new SignJWT({ role: 'report' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setSubject('app')
      .setAudience('seedbed-tracker')
      .setExpirationTime('5m')
      .sign(privateKey)
    const verifiers = [
      createVerifier({ kind: 'public-key', pem }),
      createVerifier({ kind: 'jwks', text: JSON.stringify({ keys: [jwk] }) }),
    ]
    for (const verifier of verifiers) {
      expect(await verifier.verify(token)).toMatchObject({ subject: 'app', role: 'report' })
      await expect(verifier.verify(sign(good, key, pem))).rejects.toMatchObject({ status: 401 })
    }
    const secretPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const privateJwk = JSON.stringify({ keys: [await exportJWK(privateKey)] })
    expect(() => createVerifier({ kind: 'public-key', pem: secretPem })).toThrow(/a private key/)
    expect(() => createVerifier({ kind: 'jwks', text: privateJwk })).toThrow(/a private key/)
    expect(() => createVerifier({ kind: 'jwks', text: '{}' })).toThrow(/not a JSON Web Key Set/)
    expect(() => createVerifier({ kind: 'secret', secret: Buffer.from('short') })).toThrow(
      /5 bytes \(at least 32/,
    )
  })
})

describe('a tracker without tokens', () => {
  it('takes nothing of admins, whatever they say', async () => {
    const api = await ApiHarness.start({ models: new MemoryModels() })
    const token = await mintToken(Buffer.alloc(32), { subject: 'ops', role: 'admin' }, 60)
    expect(await api.refusal('/admin/policy')).toEqual([403, 'E_NO_TOKENS'])
    expect(await api.refusal('/admin/policy', { token })).toEqual([403, 'E_NO_TOKENS'])
    await api.stop()
  })
})

describe('rate limits', () => {
  const start = () =>
    ApiHarness.start({
      ...{ tokenKey, trustedProxies: 1, models: new MemoryModels() },
      rateLimits: { perAddress: 20, perToken: 30, announcesPerAddress: 5 },
    })
  const times = async (count: number, once: () => Promise<{ status: number }>): Promise<number[]> => {
    const statuses: number[] = []
    for (let i = 0; i < count; i++) statuses.push((await once()).status)
    return statuses
  }

  it('stop an address, and no other', async () => {
    const api = await start()
    const ask = (host: string) => () => api.ask('/v1/swarms', { headers: from(host) })
    expect(await times(21, ask('192.0.2.1'))).toEqual([...Array<number>(20).fill(200), 429])
    const { headers, json } = await ask('192.0.2.1')()
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining'), json.error.code]).toEqual([
      '20',
      '0',
      'E_TOO_MANY',
    ])
    expect((await ask('192.0.2.2')()).status).toBe(200)
    expect((await api.ask('/health', { headers: from('192.0.2.1') })).status).toBe(200)
    await api.stop()
  })

  it('go by token where there is one, and no new address helps', async () => {
    const api = await start()
    const token = await mintToken(secret, { subject: 'app', role: 'report' }, 60)
    const ask = (host: string) => () => api.ask('/v1/swarms', { token, headers: from(host) })
    expect((await times(30, ask('192.0.2.1'))).every((status) => status === 200)).toBe(true)
    expect((await ask('192.0.2.9')()).status).toBe(429)
    await api.stop()
  })

  it('stop who tries tokens at will', async () => {
    const api = await start()
    const guess = () => api.ask('/admin/policy', { token: 'a.b.c', headers: from('192.0.2.1') })
    expect(await times(3, guess)).toEqual([401, 401, 429])
    await api.stop()
  })

  it('stop announces over HTTP, those of Seedbed peers too', async () => {
    const api = await start()
    const announce = () =>
      api.ask(`/announce?info_hash=${'a'.repeat(20)}&peer_id=${'p'.repeat(20)}&port=1`, {
        headers: from('192.0.2.1'),
      })
    expect(await times(6, announce)).toEqual([200, 200, 200, 200, 200, 429])
    const { bytes } = await announce()
    expect(bdecode(bytes)).toEqual({ 'failure reason': expect.stringContaining('too many announces') })
    const type = { 'content-type': 'application/octet-stream' }
    const sent: Sent = { body: new Uint8Array(1), headers: { ...type, ...from('192.0.2.1') } }
    expect((await api.ask('/v1/messages', sent)).status).toBe(429)
    await api.stop()
  })

  it('hold all of an IPv6 network to one limit, and however many addresses ask, memory is bounded', async () => {
    expect(networkOf('2001:db8::1')).toBe(networkOf('2001:0DB8:0:0:ffff::2'))
    expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'))
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(networkOf('::1')).toBe('0:0:0:0')
    const limits = new RateLimits({ perAddress: 1, perToken: 0, announcesPerAddress: 0 })
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 300_000; i++)
      await limits.address(`2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`, 'read')
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
  })
})

describe('clients', () => {
  it('hold no more connections than one address may', async () => {
    const api = await ApiHarness.start({ maxConnectionsPerAddress: 2 })
    const open = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = connect(api.server.port, '127.0.0.1', () => resolve(socket))
        socket.on('error', () => undefined)
      })
    const gone = (socket: Socket): Promise<void> =>
      new Promise((resolve) => socket.resume().once('close', () => resolve()))
    const [first, second, third] = [await open(), await open(), await open()]
    await gone(third)
    second.end()
    await gone(second)
    expect((await api.ask('/health', { headers: { connection: 'close' } })).status).toBe(200)
    first.destroy()
    await api.stop()
  })
})

describe('peers', () => {
  it('can not be removed, moved or spoken for from other addresses', async () => {
    const sink = new ListSink()
    const api = await ApiHarness.start({ trustedProxies: 1, sink })
    const url = `/v1/contents/${CONTENT}/chunks`
    const victim = { peer: peerIdOf(1), port: 4001, chunks: [0], chunkCount: 4 }
    await api.ask(url, { json: victim, headers: from('192.0.2.1') })
    const attacker = from('192.0.2.66')
    expect(await api.refusal(url, { json: { ...victim, port: 666 }, headers: attacker })).toEqual([
      403,
      'E_NOT_YOURS',
    ])
    const goAway = { method: 'DELETE', headers: attacker }
    expect(await api.refusal(`/v1/peers/${victim.peer}`, goAway)).toEqual([403, 'E_NOT_YOURS'])
    expect(await api.refusal('/cleanup_peer', { json: { peerId: victim.peer }, headers: attacker })).toEqual([
      403,
      'E_NOT_YOURS',
    ])
    const outcomes = [{ chunk: 1, seed: peerIdOf(2), result: 'timeout', bytes: 0, durationMs: 1 }]
    const lie = { report: 'lie-lie-lie', content: CONTENT, peer: victim.peer, outcomes }
    expect(await api.refusal('/v1/outcomes', { json: lie, headers: attacker })).toEqual([403, 'E_NOT_YOURS'])
    expect(sink.outcomes).toEqual([])
    const { json } = await api.ask(url)
    expect(json.peers).toMatchObject([{ peer: victim.peer, address: '192.0.2.1:4001' }])
    expect(
      (await api.ask(`/v1/peers/${victim.peer}`, { method: 'DELETE', headers: from('192.0.2.1') })).json
        .swarms,
    ).toBe(1)
    await api.stop()
  })

  it('are never sent to an address that somebody only names', async () => {
    const api = await ApiHarness.start()
    const announce = (peer: string, more: string) =>
      api.ask(`/announce?info_hash=${'a'.repeat(20)}&peer_id=${peer.repeat(20)}&port=7&compact=0&${more}`, {
        headers: { ...from('10.0.0.1'), forwarded: 'for=10.0.0.1', 'x-real-ip': '10.0.0.1' },
      })
    await announce('p', 'ip=169.254.169.254&ipv4=10.0.0.2:80&ipv6=[fd00::1]:80')
    const { peers } = bdecode((await announce('q', '')).bytes) as { peers: { ip: string; port: number }[] }
    expect(peers.map(({ ip, port }) => [ip, port])).toEqual([['127.0.0.1', 7]])
    const sent = {
      peer: peerIdOf(1),
      port: 9,
      chunks: [0],
      chunkCount: 1,
      address: '10.0.0.1:80',
      host: '10.0.0.1',
    }
    expect((await api.ask(`/v1/contents/${CONTENT}/chunks`, { json: sent })).status).toBe(400)
    await api.stop()
  })
})

/** How it ends when a page of that origin opens a WebSocket. */
async function openSocket({ server }: ApiHarness, origin: string): Promise<string> {
  const socket = new WebSocket(server.url.replace('http', 'ws'), { origin })
  const end = await new Promise<string>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('error', (error) => resolve(error.message))
  })
  socket.terminate()
  return end
}

describe('requests', () => {
  let api: ApiHarness
  const sink = new ListSink()

  beforeAll(async () => {
    api = await ApiHarness.start({ sink, origins: ['https://good.test'] })
  })
  afterAll(() => api.stop())

  it('of pages are answered where their origin is on the list', async () => {
    const allowed = (origin: string, method = 'GET') => api.ask('/v1/swarms', { method, headers: { origin } })
    const good = await allowed('https://good.test')
    expect(good.headers.get('access-control-allow-origin')).toBe('https://good.test')
    expect(good.headers.get('vary')).toContain('origin')
    expect(
      (await allowed('https://good.test', 'OPTIONS')).headers.get('access-control-allow-methods'),
    ).toContain('PUT')
    for (const origin of ['https://evil.test', 'null', 'https://good.test.evil.test', 'http://good.test'])
      for (const method of ['GET', 'OPTIONS'])
        expect((await allowed(origin, method)).headers.get('access-control-allow-origin')).toBe(null)
    expect(good.headers.get('access-control-allow-credentials')).toBe(null)
    expect(await openSocket(api, 'https://good.test')).toBe('open')
    expect(await openSocket(api, 'https://evil.test')).toContain('403')
  })

  it('of all pages are answered where the list says so', async () => {
    const open = await ApiHarness.start({ origins: ['*'] })
    const { headers } = await open.ask('/v1/swarms', { headers: { origin: 'https://any.test' } })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(await openSocket(open, 'https://any.test')).toBe('open')
    await open.stop()
  })

  it('can not change what objects are made of', async () => {
    const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"peer":"${peerIdOf(1)}","port":1,"chunks":[0],"chunkCount":1}`
    const headers = { 'content-type': 'application/json' }
    const { status } = await api.ask(`/v1/contents/${CONTENT}/chunks`, { body, headers })
    expect(status).toBe(400)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    await api.ask('/v1/contents/__proto__/chunks', { json: { peer: 'toString', chunks: [1] } })
    expect((await api.ask('/get_chunk_map?movie=__proto__')).json).toEqual({ 1: ['toString'] })
  })

  it('that are too long are refused before they are read', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ peer: 'x'.repeat(64 * 1024) })
    for (const path of [`/v1/contents/${CONTENT}/chunks`, '/register_chunk', '/cleanup_peer'])
      expect(await api.refusal(path, { body, headers })).toEqual([413, 'E_ENTITY_TOO_LARGE'])
    const bomb = { ...headers, 'content-encoding': 'gzip' }
    expect((await api.ask('/register_chunk', { body: 'x', headers: bomb })).status).toBe(400)
    const status = await new Promise((resolve) => {
      const sent = request(`${api.server.url}/${'x'.repeat(20_000)}`, (response) =>
        resolve(response.resume().statusCode),
      )
      sent.end()
    })
    expect(status).toBe(431)
  })

  it('of any bytes end in an answer or a closed connection', async () => {
    const { port } = api.server
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((sent) => Buffer.from(sent)),
      fc
        .string({ maxLength: 200 })
        .map((path) => Buffer.from(`GET /${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        await new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.end(sent))
          socket.on('error', () => undefined).on('close', () => resolve())
          socket.resume()
        })
      }),
      { numRuns: 100 },
    )
    expect((await api.ask('/health')).status).toBe(200)
  })

  it('that fail tell nothing of the inside', async () => {
    sink.whenAsked = () => Promise.reject(new Error('password of the store: hunter2'))
    const outcomes = [{ chunk: 1, seed: 's', result: 'ok', bytes: 0, durationMs: 1 }]
    const { status, bytes } = await api.ask('/v1/outcomes', {
      json: { report: 'abcdefgh', content: 'x', peer: 'p', outcomes },
    })
    expect([status, bytes.toString()]).toEqual([
      500,
      '{"error":{"code":"E_INTERNAL","message":"internal error"}}',
    ])
    const { headers } = await api.ask('/health')
    expect(headers.get('x-powered-by')).toBe(null)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})
