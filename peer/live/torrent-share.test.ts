import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { cp, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTracker, type TrackerServer } from '../../tracker/live/compose.ts'
import { magnetOf } from './magnet.ts'
import { encodeTorrent, type Torrent } from './torrent.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

const BYTES = 3_000_000

describe('torrents', () => {
  let world: TorrentWorld
  let tracker: TrackerServer
  let servers: Server[]

  beforeEach(async () => {
    servers = []
    world = await TorrentWorld.create()
    tracker = await startTracker({ host: '127.0.0.1', port: 0, udpPort: 0, policy: { name: 'random' } })
  })
  afterEach(async () => {
    await world.dispose()
    await tracker.stop()
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  const written = async (torrent: Torrent, name = 'x.torrent'): Promise<string> => {
    const path = join(world.folder, name)
    await writeFile(path, encodeTorrent(torrent))
    return path
  }
  const same = async (a: string, b: string): Promise<boolean> => (await readFile(a)).equals(await readFile(b))

  it.for(['HTTP', 'UDP', 'Seedbed'] as const)('find their peers by announces over %s', async (protocol) => {
    const path = await world.file('film.bin', BYTES)
    const url = {
      HTTP: `${tracker.url}/announce`,
      UDP: `udp://127.0.0.1:${tracker.udpPort}`,
      Seedbed: tracker.url,
    }[protocol]
    const shared = await world.share([path], [url])
    const [{ torrent, peer }] = shared.contents
    expect(peer.stats.answeredAnnounces).toBe(1)
    const source = await written({ ...torrent, trackers: [] })
    const fetched = await world.fetch(source, 'out', [url])
    const { path: out, stats } = await fetched.done
    expect(await same(out, path)).toBe(true)
    expect([stats.fromSeedBytes, stats.wastedBytes]).toEqual([BYTES, 0])
    expect(world.warnings).toEqual([])
  })

  it('are known by their magnet links', async () => {
    const path = await world.file('film.bin', BYTES)
    const shared = await world.share([path], [tracker.url])
    const [{ torrent, peer }] = shared.contents
    expect(peer.stats.answeredAnnounces).toBe(1)
    const fetched = await world.fetch(magnetOf(torrent), 'out')
    expect(await same((await fetched.done).path, path)).toBe(true)
    expect(fetched.torrent).toEqual(torrent)
  })

  it('may be folders', async () => {
    const folder = join(world.folder, 'album')
    await mkdir(join(folder, 'cd 1'), { recursive: true })
    await cp(await world.file('a', 700_001), join(folder, 'cd 1', 'first.flac'))
    await cp(await world.file('b', 123), join(folder, 'cover.jpg'))
    const shared = await world.share([folder], [], { chunkBytes: 65_536 })
    const [{ torrent }] = shared.contents
    const fetched = await world.fetch(await written(torrent), 'out', [], { peers: [shared.address] })
    const { path } = await fetched.done
    expect(basename(path)).toBe('album')
    expect(await same(join(path, 'cd 1/first.flac'), join(folder, 'cd 1/first.flac'))).toBe(true)
    expect(await same(join(path, 'cover.jpg'), join(folder, 'cover.jpg'))).toBe(true)
  })

  it('go on after a crash with what is whole, and fetch a torn chunk again', async () => {
    const path = await world.file('film.bin', BYTES)
    const shared = await world.share([path], [], { chunkBytes: 65_536 })
    const source = await written(shared.contents[0].torrent)
    const peers = [shared.address]
    let chunks = 0
    const first = await new Promise<Awaited<ReturnType<TorrentWorld['fetch']>>>((resolve, reject) => {
      const started = world.fetch(source, 'out', [], {
        peers,
        chunk: () => ++chunks === 20 && void started.then(resolve),
      })
      started.catch(reject)
    })
    const held = first.peer.have.clone()
    await first.kill()
    expect(held.isFull).toBe(false)
    let torn = 0
    held.forEach((chunk) => (torn = chunk))
    const part = join(world.folder, 'out/film.bin.part')
    const data = await readFile(part)
    data[torn * 65_536] ^= 1
    await writeFile(part, data)
    const second = await world.fetch(source, 'out', [], { peers })
    expect(second.resumedChunks).toBeGreaterThanOrEqual(held.count - 1)
    const { path: out, stats } = await second.done
    expect(await same(out, path)).toBe(true)
    expect(stats.downloadedBytes).toBeLessThan(BYTES - 65_536 * (held.count - 2))
    expect((await stat(out)).size).toBe(BYTES)
  })

  it('come from a web seed by ranges where no peer has them', async () => {
    const path = await world.file('film.bin', BYTES)
    const server = createServer((request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!.map(Number)
      response.writeHead(206, { 'content-length': last - first + 1 })
      createReadStream(path, { start: first, end: last }).pipe(response)
    }).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/film.bin`
    const shared = await world.share([path], [], { webSeeds: [url] })
    const [{ torrent }] = shared.contents
    expect(torrent.webSeeds).toEqual([url])
    await shared.leave()
    const fetched = await world.fetch(await written(torrent), 'out', [], {
      settings: { originAfterMs: 100 },
      localWebSeeds: true,
    })
    const { path: out, stats } = await fetched.done
    expect(await same(out, path)).toBe(true)
    expect(stats.fromOriginBytes).toBe(BYTES)
  })

  it('ask web seeds in private networks for nothing where the user has not allowed it', async () => {
    const path = await world.file('film.bin', BYTES)
    let requests = 0
    const server = createServer((_, response) => {
      requests++
      response.end()
    }).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const webSeeds = ['127.0.0.1', 'localhost', '2130706433'].map((host) => `http://${host}:${port}/film.bin`)
    const shared = await world.share([path], [], { webSeeds })
    const source = await written(shared.contents[0].torrent)
    await shared.leave()
    const fetched = await world.fetch(source, 'out', [], { settings: { originAfterMs: 100 } })
    const refusals = () =>
      world.warnings.filter((text) => text.includes('private network or on this machine'))
    await expect.poll(() => new Set(refusals()).size).toBe(3)
    expect(refusals()[0]).toContain('(--local-web-seeds allows it)')
    expect([requests, fetched.peer.have.count]).toEqual([0, 0])
  })

  it('say why a file is no torrent', async () => {
    const path = await world.file('film.bin', 1000)
    await expect(world.fetch(path, 'out')).rejects.toThrow('invalid torrent')
    await expect(world.fetch(join(world.folder, 'none'), 'out')).rejects.toThrow('no such file')
    await truncate(path, 0)
    await expect(world.share([path], [])).rejects.toThrow("can't share")
    await expect(world.fetch('magnet:?xt=urn:btih:zz', 'out')).rejects.toThrow('invalid magnet link')
  })
})
