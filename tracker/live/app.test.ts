import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { message as anyMessage } from '../../peer/protocol/arbitraries.testing.ts'
import { ChunkSet } from '../../peer/protocol/chunk-set.ts'
import { encode } from '../../peer/protocol/codec.ts'
import { decodeAll, joinFrames, MAX_BODY_BYTES } from '../../peer/protocol/frames.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import type { Manifest } from '../../peer/protocol/manifest.ts'
import type { Announce, Candidates } from '../../peer/protocol/messages.ts'
import { startTracker, type TrackerServer } from './compose.ts'
import { Contents, contentIdOf } from './contents.ts'

const CONTENT = 'c'.repeat(64)

const announceOf = (number: number, more: Partial<Announce> = {}): Announce => ({
  type: 'announce',
  contentId: CONTENT,
  peerId: number.toString(16).padStart(40, '0'),
  address: `10.9.8.7:${4000 + number}`,
  region: 'eu-west',
  event: 'started',
  isOrigin: false,
  uploadSlots: 4,
  active: 0,
  queued: 0,
  uploadedBytes: 0,
  downloadedBytes: 0,
  chunks: new ChunkSet(10),
  wanted: 20,
  ...more,
})

const manifestOf = (name: string): Manifest => {
  const manifest = { name, totalBytes: 10, chunkBytes: 10, digests: ['1'.repeat(64)] }
  return { contentId: contentIdOf(manifest), ...manifest }
}

describe('the tracker over HTTP', () => {
  let server: TrackerServer
  beforeAll(async () => {
    server = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
  })
  afterAll(() => server.stop())

  const post = (body: Uint8Array, type = 'application/octet-stream', headers = {}): Promise<Response> =>
    fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body: body as Uint8Array<ArrayBuffer>,
    })
  const announce = async (one: Announce, headers = {}): Promise<Candidates> => {
    const response = await post(encode(one), undefined, headers)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    const [answer] = decodeAll(new Uint8Array(await response.arrayBuffer()))
    expect(answer.type).toBe('candidates')
    return answer as Candidates
  }
  const codeOf = async (response: Response): Promise<[number, string]> => {
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    expect(error.message).not.toBe('')
    return [response.status, error.code]
  }

  it('answers an announce with the other peers, at the address that their request came from', async () => {
    await announce(announceOf(1))
    const { candidates, policy } = await announce(announceOf(2))
    expect(candidates.map(({ address }) => address)).toEqual(['127.0.0.1:4001'])
    expect(policy).toBe('random')
  })

  it('believes no X-Forwarded-For where no proxy is trusted', async () => {
    await announce(announceOf(3), { 'x-forwarded-for': '10.1.1.1' })
    const { candidates } = await announce(announceOf(2))
    expect(candidates.every(({ address }) => address.startsWith('127.0.0.1:'))).toBe(true)
  })

  it('takes the address from a trusted proxy', async () => {
    const behind = await startTracker({
      host: '127.0.0.1',
      port: 0,
      policy: { name: 'random' },
      trustedProxies: 1,
    })
    const send = async (one: Announce, from: string): Promise<Candidates> => {
      const response = await fetch(`${behind.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'x-forwarded-for': `6.6.6.6, ${from}` },
        body: encode(one) as Uint8Array<ArrayBuffer>,
      })
      return decodeAll(new Uint8Array(await response.arrayBuffer()))[0] as Candidates
    }
    await send(announceOf(1), '192.0.2.1')
    const { candidates } = await send(announceOf(2), '2001:db8::2')
    expect(candidates.map(({ address }) => address)).toEqual(['192.0.2.1:4001'])
    const [back] = (await send(announceOf(1), '192.0.2.1')).candidates
    expect(back.address).toBe('[2001:db8::2]:4002')
    await behind.stop()
  })

  it('takes several messages at once and answers those that have an answer', async () => {
    const leave = { type: 'leave', contentId: 'e'.repeat(64), peerId: 'a'.repeat(40) } as const
    const other = announceOf(9, { contentId: 'e'.repeat(64), peerId: 'a'.repeat(40) })
    const response = await post(joinFrames([other, leave, announceOf(4)].map(encode)))
    const answers = decodeAll(new Uint8Array(await response.arrayBuffer()))
    expect(answers.map((answer) => answer.type === 'candidates' && answer.contentId)).toEqual([
      'e'.repeat(64),
      CONTENT,
    ])
    expect(server.tracker.swarm('e'.repeat(64))).toBeUndefined()
  })

  it('refuses bodies that are no messages for a tracker', async () => {
    expect(await codeOf(await post(randomBytes(100)))).toEqual([400, 'E_PROTOCOL'])
    expect(await codeOf(await post(new Uint8Array()))).toEqual([400, 'E_EMPTY'])
    expect(await codeOf(await post(encode(announceOf(1)), 'text/plain'))).toEqual([415, 'E_CONTENT_TYPE'])
    expect(await codeOf(await post(encode({ type: 'choke' })))).toEqual([400, 'E_MESSAGE'])
    expect(await codeOf(await post(new Uint8Array(MAX_BODY_BYTES + 1)))).toEqual([413, 'E_ENTITY_TOO_LARGE'])
    const many = joinFrames(Array.from({ length: 65 }, () => encode({ type: 'choke' })))
    expect(await codeOf(await post(many))).toEqual([400, 'E_PROTOCOL'])
    const misfit = announceOf(1, { chunks: new ChunkSet(11) })
    expect(await codeOf(await post(encode(misfit)))).toEqual([409, 'E_REFUSED'])
  })

  it('lives through any body', async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(anyMessage, { minLength: 1, maxLength: 3 })
        .map((messages) => joinFrames(messages.map(encode))),
    )
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const { status } = await post(bytes)
        expect([200, 400, 409]).toContain(status)
      }),
      { numRuns: 100 },
    )
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  it('keeps manifests that fit their hash', async () => {
    const manifest = manifestOf('film.bin')
    const url = `${server.url}/v1/contents/${manifest.contentId}`
    const put = (value: unknown, to = url): Promise<Response> =>
      fetch(to, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(value),
      })
    expect(await codeOf(await fetch(url))).toEqual([404, 'E_UNKNOWN_CONTENT'])
    expect((await put(manifest)).status).toBe(201)
    expect((await put(manifest)).status).toBe(200)
    expect(await (await fetch(url)).json()).toEqual(manifest)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
    expect(await codeOf(await put({ ...manifest, name: 'other.bin' }))).toEqual([422, 'E_HASH'])
    expect(await codeOf(await put(manifest, `${server.url}/v1/contents/${CONTENT}`))).toEqual([422, 'E_HASH'])
    expect(await codeOf(await put({ ...manifest, digests: [] }))).toEqual([400, 'E_PROTOCOL'])
    expect(await codeOf(await put([1, 2]))).toEqual([400, 'E_PROTOCOL'])
    expect(await codeOf(await fetch(`${server.url}/v1/contents/abc`))).toEqual([400, 'E_HASH'])
    const broken = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"name":',
    })
    expect(await codeOf(broken)).toEqual([400, 'E_ENTITY_PARSE_FAILED'])
    const large = await put({ ...manifest, name: 'x'.repeat(LIMITS.manifestBytes) })
    expect(await codeOf(large)).toEqual([413, 'E_ENTITY_TOO_LARGE'])
  })

  it('tells of its swarms', async () => {
    const stats = (await (await fetch(`${server.url}/v1/swarms`)).json()) as Record<string, unknown>
    expect(stats).toMatchObject({ policy: 'random', policyVersion: '1' })
    expect(stats.largest).toContainEqual({
      contentId: CONTENT,
      chunks: 10,
      origins: 0,
      seeds: 0,
      leechers: 4,
      completions: 0,
    })
  })

  it('answers unknown paths and methods with JSON, whatever the path holds', async () => {
    expect(await codeOf(await fetch(`${server.url}/nothing`))).toEqual([404, 'E_NOT_FOUND'])
    expect(await codeOf(await fetch(`${server.url}/v1/messages`))).toEqual([404, 'E_NOT_FOUND'])
    expect((await fetch(`${server.url}/v1/contents/%E0%A4%A`)).status).toBe(400)
  })

  it('is ready until it stops, and answers what is under way', async () => {
    const own = await startTracker({ host: '127.0.0.1', port: 0, policy: { name: 'random' } })
    expect((await fetch(`${own.url}/ready`)).status).toBe(200)
    const body = encode(announceOf(1))
    const slow = request(`${own.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
    })
    const answered = new Promise<number | undefined>((resolve) =>
      slow.on('response', (response) => resolve(response.resume().statusCode)),
    )
    await new Promise((resolve) => slow.write(body.subarray(0, 10), resolve))
    // The tracker has seen the request once it answers a later one.
    await fetch(`${own.url}/ready`)
    const stopped = own.stop()
    slow.end(body.subarray(10))
    expect(await answered).toBe(200)
    await stopped
    await expect(fetch(`${own.url}/ready`)).rejects.toThrow()
  })

  it('says that its port is taken, and the way out', async () => {
    await expect(
      startTracker({ host: '127.0.0.1', port: server.port, policy: { name: 'random' } }),
    ).rejects.toThrow(/invalid port: \d+ on 127.0.0.1 \(in use: choose another with --port,/)
    const taken = createSocket('udp4')
    await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve))
    const udpPort = taken.address().port
    await expect(
      startTracker({ host: '127.0.0.1', port: 0, udpPort, policy: { name: 'random' } }),
    ).rejects.toThrow(/choose another with --udp-port,/)
    taken.close()
  })
})

describe('Contents', () => {
  it('forgets what was used longest ago where room ends', () => {
    const contents = new Contents({ maxContents: 2, maxBytes: 1e6 })
    const [a, b, c] = ['a', 'b', 'c'].map(manifestOf)
    contents.put(a.contentId, a)
    contents.put(b.contentId, b)
    contents.get(a.contentId)
    contents.put(c.contentId, c)
    expect([a, b, c].map(({ contentId }) => contents.get(contentId) !== undefined)).toEqual([
      true,
      false,
      true,
    ])
    const tight = new Contents({ maxContents: 10, maxBytes: 2 * JSON.stringify(a).length })
    for (const one of [a, b, c]) tight.put(one.contentId, one)
    expect(tight.count).toBe(2)
  })
})
