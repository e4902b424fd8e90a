import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { decodeAll } from '../../../peer/protocol/frames.ts'
import { encode } from '../../../peer/protocol/codec.ts'
import { joinFrames } from '../../../peer/protocol/frames.ts'
import { ChunkSet } from '../../../peer/protocol/chunk-set.ts'
import type { Message } from '../../../peer/protocol/messages.ts'
import { peerIdOf } from '../api/api.testing.ts'
import { bdecode } from '../bittorrent.testing.ts'
import type { TrackerServer } from '../compose.ts'
import { udpAnnounce, UdpClient, udpScrape } from '../udp.testing.ts'
import { wsAnnounce, WsClient, wsPeerId } from '../ws.testing.ts'
import { TestCluster } from './cluster.testing.ts'

const TORRENTS = 8
const hashOf = (n: number): string => createHash('sha1').update(`torrent ${n}`).digest('hex')
const contentOf = (n: number): string => createHash('sha256').update(`content ${n}`).digest('hex')
const escaped = (hex: string): string => hex.replace(/../g, '%$&')
const binaryOf = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')

/** Asks door after door, and keeps what they answer. */
class Transcript {
  readonly lines: unknown[] = []
  readonly #cluster: TestCluster
  #asked = 0

  constructor(cluster: TestCluster) {
    this.#cluster = cluster
  }

  door(): TrackerServer {
    return this.#cluster.door(this.#asked++)
  }

  async bencoded(path: string): Promise<void> {
    const response = await fetch(`${this.door().url}${path}`)
    const reply = bdecode(Buffer.from(await response.arrayBuffer())) as Record<string, unknown>
    if (typeof reply['peers'] === 'string') reply['peers'] = sixes(Buffer.from(reply['peers'], 'latin1'))
    this.lines.push([path, response.status, sorted(reply)])
  }

  async json(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.door().url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    this.lines.push([
      method,
      path,
      response.status,
      response.headers.get('content-type'),
      sorted(JSON.parse(text)),
    ])
  }
}

/** Compact peers, in order. */
const sixes = (bytes: Buffer): string[] =>
  Array.from({ length: bytes.length / 6 }, (_, i) => bytes.toString('hex', 6 * i, 6 * i + 6)).sort()

/** Lists in order: which peers are named counts here, their order is drawn. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sorted(one)]))
}

async function http(script: Transcript): Promise<void> {
  for (let n = 0; n < 4 * TORRENTS; n++) {
    const [hash, left] = [hashOf(n % TORRENTS), n % 3]
    const given = `info_hash=${escaped(hash)}&peer_id=${escaped(peerIdOf(n))}&port=${7000 + n}&left=${left}`
    await script.bencoded(`/announce?${given}&compact=${n % 2}`)
  }
  const all = Array.from({ length: TORRENTS + 1 }, (_, n) => `info_hash=${escaped(hashOf(n))}`).join('&')
  await script.bencoded(`/scrape?${all}`)
  await script.bencoded('/scrape')
  await script.bencoded('/announce?info_hash=x')
  await script.bencoded(`/announce?info_hash=${escaped(hashOf(1))}&peer_id=x&port=0`)
  await script.bencoded(`/announce?peer_id=${escaped(peerIdOf(1))}&port=1`)
}

async function udp(script: Transcript): Promise<void> {
  const client = await UdpClient.open()
  // An id that one process has given is good for all.
  const connection = await client.connect(script.door().udpPort)
  for (let n = 0; n < 2 * TORRENTS; n++) {
    const given = {
      infoHash: hashOf(n % TORRENTS),
      peerId: peerIdOf(500 + n),
      transaction: n,
      left: 1n,
      event: 2,
    }
    const answer = await client.ask(
      script.door().udpPort,
      udpAnnounce(connection, { ...given, port: 8000 + n }),
    )
    script.lines.push([answer.toString('hex', 0, 20), sixes(answer.subarray(20))])
  }
  const hashes = Array.from({ length: TORRENTS + 1 }, (_, n) => hashOf(n))
  const scraped = await client.ask(script.door().udpPort, udpScrape(connection, 9, hashes))
  script.lines.push(scraped.toString('hex'))
  const wrong = udpScrape(Buffer.alloc(8), 9, hashes)
  script.lines.push((await client.ask(script.door().udpPort, wrong)).toString('latin1'))
  client.close()
}

async function ws(script: Transcript): Promise<void> {
  const [one, two, three] = [
    await WsClient.connect(script.door().url),
    await WsClient.connect(script.door().url),
    await WsClient.connect(script.door().url),
  ]
  for (let n = 0; n < TORRENTS; n++) {
    const hash = binaryOf(hashOf(n))
    one.say(wsAnnounce(hash, 1))
    script.lines.push(await one.next())
    // Its offer reaches the other, whose answer comes back.
    two.say(wsAnnounce(hash, 2, 1, { left: 0 }))
    script.lines.push(await two.next(), await one.next())
    const answer = { type: 'answer', sdp: `yes ${n} ☃` }
    const ids = { info_hash: hash, peer_id: wsPeerId(1), to_peer_id: wsPeerId(2), offer_id: '2-0' }
    one.say({ action: 'announce', ...ids, answer })
    script.lines.push(await two.next())
    three.say(wsAnnounce(hash, 1))
    script.lines.push(await three.next())
    three.say({ action: 'announce', ...ids, answer })
    script.lines.push(await three.next())
  }
  two.say(wsAnnounce(binaryOf(hashOf(1)), 2, 0, { event: 'stopped' }))
  const all = Array.from({ length: TORRENTS + 1 }, (_, n) => binaryOf(hashOf(n)))
  two.socket.close()
  // A closed connection's places are free when all have heard of it: the clients over HTTP remain.
  let scraped: unknown
  do {
    three.say({ action: 'scrape', info_hash: all })
    scraped = await three.next()
  } while (completeOf(scraped) > HTTP_SEEDS)
  script.lines.push(scraped)
  for (const message of ['{', '{"action":"scrape","info_hash":"x"}', '{"action":"announce","info_hash":7}']) {
    three.socket.send(message)
    script.lines.push(await three.next())
  }
  one.socket.terminate()
  three.socket.terminate()
}

/** Those of `http` that have nothing left. */
const HTTP_SEEDS = 11

const completeOf = (scraped: unknown): number =>
  Object.values((scraped as { files: Record<string, { complete: number }> }).files).reduce(
    (sum, { complete }) => sum + complete,
    0,
  )

const announced = (contentId: string, peer: number, held: number[]): Message => {
  const chunks = new ChunkSet(4)
  for (const chunk of held) chunks.add(chunk)
  return {
    ...{
      type: 'announce',
      contentId,
      peerId: peerIdOf(peer),
      address: `10.0.0.1:${9000 + peer}`,
      region: 'eu',
    },
    ...{ event: 'started', isOrigin: false, uploadSlots: 4, active: 1, queued: 0, uploadedBytes: 0 },
    ...{ downloadedBytes: 0, chunks, wanted: 10 },
  }
}

async function seedbed(script: Transcript): Promise<void> {
  const send = async (messages: Message[]): Promise<void> => {
    const headers = { 'content-type': 'application/octet-stream' }
    const body = Buffer.from(joinFrames(messages.map(encode)))
    const response = await fetch(`${script.door().url}/v1/messages`, { method: 'POST', headers, body })
    const reply = Buffer.from(await response.arrayBuffer())
    script.lines.push(response.status === 200 ? decodeAll(reply).map(plain) : reply.toString())
  }
  for (let n = 0; n < 4; n++)
    await send([0, 1, 2, 3, 4, 5].map((content) => announced(contentOf(content), n, [n])))
  await send([
    { type: 'leave', contentId: contentOf(0), peerId: peerIdOf(1) },
    announced(contentOf(0), 2, [0, 1]),
    // It says that the content has another size, is refused, and what comes after it is not heard.
    { ...announced(contentOf(1), 9, []), chunks: new ChunkSet(5) } as Message,
    announced(contentOf(2), 9, []),
  ])
  for (let n = 0; n < 6; n++) await script.json('GET', `/v1/contents/${contentOf(n)}/chunks`)
}

/** An answer whose candidates are in order, without what depends on the time. */
const plain = (message: Message): unknown =>
  message.type === 'candidates'
    ? sorted({
        ...message,
        candidates: message.candidates.map(({ peerId, address, completeness }) => ({
          peerId,
          address,
          completeness,
        })),
      })
    : message

async function api(script: Transcript): Promise<void> {
  const names = Array.from({ length: 6 }, (_, n) => `film-${n}.mp4`)
  for (const [n, name] of names.entries()) {
    const path = `/v1/contents/${name}/chunks`
    await script.json('POST', path, { peer: 'a', port: 1000, chunks: [n], chunkCount: 9 })
    await script.json('POST', path, { peer: `b${n}`, chunks: [0, 1], chunkCount: 9 })
    await script.json('POST', path, { peer: 'c', chunks: [10] })
    await script.json('GET', `${path}?peer=a`)
    await script.json('GET', `${path}/${n}`)
    await script.json('GET', `/get_chunk_map?movie=${name}`)
    await script.json('POST', '/register_chunk', { movie: name, chunkIndex: 2, peerId: 'old' })
    await script.json('GET', `/v1/swarms/${name}`)
    await script.json('GET', `/v1/contents/${name}/data`)
    const outcome = { chunk: 1, seed: 'b', result: 'ok', bytes: 10, durationMs: 5 }
    await script.json('POST', '/v1/outcomes', {
      report: `report-${n}`,
      content: name,
      peer: 'a',
      outcomes: [outcome],
    })
    await script.json('POST', '/v1/outcomes', {
      report: `report-${n}`,
      content: name,
      peer: 'a',
      outcomes: [outcome],
    })
  }
  await script.json('DELETE', `/v1/peers/a?content=${names[0]}`)
  await script.json('DELETE', '/v1/peers/a')
  await script.json('DELETE', '/v1/peers/a')
  await script.json('POST', '/cleanup_peer', { peerId: 'old' })
  await script.json('GET', `/v1/swarms/nobody`)
  await script.json('GET', `/v1/contents/${'0'.repeat(64)}`)
  await script.json('PUT', `/v1/contents/${'0'.repeat(64)}`, { a: 1 })
  await script.json('GET', '/v1/swarms')
}

/** Everything after the other, from door to door. */
async function converse(count: number): Promise<{ lines: unknown[]; swarmsBy: number[] }> {
  const cluster = await TestCluster.start(count)
  try {
    const script = new Transcript(cluster)
    for (const part of [http, udp, ws, seedbed, api]) await part(script)
    return { lines: script.lines, swarmsBy: cluster.doors.map(({ tracker }) => [...tracker.swarms()].length) }
  } finally {
    await cluster.stop()
  }
}

it('clients see no difference between one process and three, whichever they reach', async () => {
  const [one, three] = [await converse(1), await converse(3)]
  expect(three.lines).toEqual(one.lines)
  expect(one.lines.length).toBeGreaterThan(150)
  // All hold something, and nothing is held twice.
  for (const swarms of three.swarmsBy) expect(swarms).toBeGreaterThan(3)
  expect(three.swarmsBy.reduce((sum, swarms) => sum + swarms)).toBe(one.swarmsBy[0])
}, 30_000)
