import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SeededRandom } from '../ports/seeded-random.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { announceHttp } from './announce-http.ts'
import {
  type Allows,
  anywhere,
  asNamed,
  asTracker,
  GuardedHttp,
  type Hop,
  publicOnly,
} from './guarded-http.ts'
import { Deferred } from './deferred.ts'
import { readBounded } from './http-body.ts'
import { WsTracker } from './ws-tracker.ts'

const signal = new AbortController().signal
const servers: Server[] = []
const agents: GuardedHttp[] = []
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server at an address of loopback, and how many have connected to it. */
async function serve(
  host: string,
  answer: RequestListener,
): Promise<{ readonly port: number; connections: number }> {
  const server = createServer(answer).listen(0, host)
  servers.push(server)
  await once(server, 'listening')
  const served = { port: (server.address() as AddressInfo).port, connections: 0 }
  server.on('connection', () => served.connections++)
  return served
}

const guarded = (allows: Allows, keepAlive = false): GuardedHttp => {
  const http = new GuardedHttp(allows, keepAlive)
  agents.push(http)
  return http
}

const textOf = async (http: GuardedHttp, url: string): Promise<string> =>
  Buffer.from(await readBounded(await http.get(url, { signal }), 1000)).toString()

/** As if this address alone were on the public internet. */
const PUBLIC = '127.0.0.2'
const onlyThere: Allows = ({ address }) => address === PUBLIC

describe('a guarded request', () => {
  it('connects to no private address, however it is written', async () => {
    const served = await serve('127.0.0.1', (_, response) => response.end('secret'))
    const { port } = served
    const hosts = [
      '127.0.0.1',
      '127.1',
      '0x7f000001',
      '2130706433',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
    ]
    for (const host of [...hosts, '0.0.0.0'])
      await expect(guarded(publicOnly).get(`http://${host}:${port}/`, { signal })).rejects.toMatchObject({
        code: 'E_ADDRESS',
      })
    for (const host of ['169.254.169.254', '10.0.0.1', '[fe80::1]', '[fd00::1]'])
      await expect(guarded(publicOnly).get(`http://${host}/`, { signal })).rejects.toThrow('private network')
    expect(served.connections).toBe(0)
    expect(await textOf(guarded(anywhere), `http://localhost:${port}/`)).toBe('secret')
  })

  it('follows no redirect to a private address', async () => {
    const inner = await serve('127.0.0.1', (_, response) => response.end('secret'))
    const names = ['127.0.0.1', 'localhost']
    for (const name of names) {
      const location = `http://${name}:${inner.port}/`
      const outer = await serve(PUBLIC, (_, response) => response.writeHead(302, { location }).end())
      await expect(textOf(guarded(onlyThere), `http://${PUBLIC}:${outer.port}/`)).rejects.toMatchObject({
        code: 'E_ADDRESS',
      })
    }
    expect(inner.connections).toBe(0)
  })

  it('follows redirects that are allowed, but not for ever, nor out of HTTP', async () => {
    const served = await serve(PUBLIC, ({ url }, response) => {
      const location = { '/': '/there', '/file': 'file:///etc/passwd' }[url!] ?? '/again'
      if (url === '/there') response.end('here')
      else response.writeHead(307, { location }).end()
    })
    const at = `http://${PUBLIC}:${served.port}`
    expect(await textOf(guarded(onlyThere, true), `${at}/`)).toBe('here')
    await expect(textOf(guarded(onlyThere), `${at}/again`)).rejects.toThrow('more than 5 times')
    await expect(textOf(guarded(onlyThere), `${at}/file`)).rejects.toThrow('http or https expected')
  })
})

describe('an address', () => {
  const hop = (url: string, address: string, isFromPublic = false): Hop => ({
    ...{ url: new URL(url), address, isFromPublic },
  })

  it('of a tracker that a torrent names is private only where it is asked for an announce alone', () => {
    const allowed = (url: string, address: string, isFromPublic = false): boolean =>
      asTracker(url)(hop(url, address, isFromPublic))
    expect(allowed('http://tracker.lan:6969/announce', '192.168.1.5')).toBe(true)
    expect(allowed('ws://127.0.0.1:8080', '127.0.0.1')).toBe(true)
    expect(allowed('http://tracker.example/x/announce?passkey=1', '203.0.115.7')).toBe(true)
    expect(allowed('http://router.lan/reboot', '192.168.1.1')).toBe(false)
    expect(allowed('http://router.lan/announce?do=reboot', '192.168.1.1')).toBe(false)
    expect(allowed('http://tracker.example/announce', '127.0.0.1', true)).toBe(false)
    const elsewhere = asTracker('http://tracker.lan/announce')
    expect(elsewhere(hop('http://router.lan/reboot', '192.168.1.1'))).toBe(false)
  })

  it('that a user names may be private, but no public server redirects there', () => {
    expect(asNamed(hop('http://127.0.0.1/x', '127.0.0.1'))).toBe(true)
    expect(asNamed(hop('http://127.0.0.1/x', '127.0.0.1', true))).toBe(false)
    expect(asNamed(hop('http://a.example/x', '203.0.115.7', true))).toBe(true)
  })
})

it('a tracker in a private network that a torrent names is asked for no other path than its announces', async () => {
  const asked: string[] = []
  const { port } = await serve('127.0.0.1', ({ url }, response) => {
    asked.push(url!.split('?')[0])
    response.writeHead(302, { location: '/reboot' }).end()
  })
  const request = {
    ...{ infoHash: 'ab'.repeat(20), peerId: 'cd'.repeat(20), port: 1, key: 1, wanted: 0 },
    ...{ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0, event: 'started' as const },
  }
  const announce = (path: string) => announceHttp(`http://127.0.0.1:${port}${path}`, request, signal, false)
  await expect(announce('/announce')).rejects.toThrow('private network')
  await expect(announce('/reboot')).rejects.toThrow('private network')
  await expect(announce('/announce?do=reboot')).rejects.toThrow('private network')
  expect(asked).toEqual(['/announce'])
})

it('a WebSocket tracker in a private network is asked for no path of a stranger', async () => {
  const { port } = await serve('127.0.0.1', (_, response) => response.end())
  const served = servers[0]
  let upgrades = 0
  served.on('upgrade', (_, socket) => {
    upgrades++
    socket.destroy()
  })
  const clock = new SystemClock()
  for (const host of ['127.0.0.1', 'localhost']) {
    const warned = new Deferred<Error>()
    const ports = { clock, random: new SeededRandom('ws'), warning: warned.resolve }
    const tracker = new WsTracker(`ws://${host}:${port}/reboot`, ports)
    tracker.join('ab'.repeat(20), { opened: () => undefined, heard: () => undefined })
    expect((await warned.promise).message).toContain('private network')
    tracker.destroy()
  }
  expect(upgrades).toBe(0)
})
