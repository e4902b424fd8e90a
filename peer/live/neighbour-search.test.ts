import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseEndpoint } from '../protocol/endpoint.ts'
import { SeededRandom } from '../ports/seeded-random.ts'
import { isBelievable } from './believable-address.ts'
import { NeighbourSearch } from './neighbour-search.ts'
import { TorrentWorld } from './torrent-world.testing.ts'

const SETTINGS = { tickMs: 50, askAgainMs: 500, redialMs: 200 }

describe('torrents without a tracker', () => {
  let world: TorrentWorld
  const searches: NeighbourSearch[] = []

  beforeEach(async () => {
    world = await TorrentWorld.create()
  })
  afterEach(async () => {
    await Promise.all(searches.splice(0).map((search) => search.stop()))
    await world.dispose()
  })

  const search = (...bootstrap: string[]): NeighbourSearch => {
    const random = new SeededRandom(`search ${searches.length}`)
    const one = new NeighbourSearch({ bootstrap, random, settings: SETTINGS })
    searches.push(one)
    return one
  }
  const through = ({ finder, accept }: NeighbourSearch) => ({ finders: [finder], others: accept })

  it('are found through neighbours of neighbours by their info hash alone', async () => {
    const path = await world.file('film.bin', 300_000)
    const first = await world.share([await world.file('other.bin', 1000)], [], through(search()))
    // The holder and the one who looks for it know the first node only.
    const holder = await world.share([path], [], through(search(first.address)))
    const seeker = search(first.address)
    const { infoHash } = holder.contents[0].torrent
    const { done } = await world.fetch(infoHash, 'got', [], through(seeker))
    const { path: got } = await done
    const hash = async (file: string) =>
      createHash('sha1')
        .update(await readFile(file))
        .digest('hex')
    expect(await hash(got)).toBe(await hash(path))
    expect(seeker.neighbourCount).toBeGreaterThan(0)
  })

  it('are still served to BitTorrent’s own connections on the same port, and to no other kind', async () => {
    const path = await world.file('film.bin', 100_000)
    const holder = await world.share([path], [], through(search()))
    const { infoHash } = holder.contents[0].torrent
    const { done } = await world.fetch(infoHash, 'got', [], { peers: [holder.address] })
    expect((await done).stats.downloadedBytes).toBe(100_000)
    const socket = connect(parseEndpoint(holder.address))
    socket.write('GET / HTTP/1.1\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
  })

  it('are not looked for where they are private', async () => {
    const path = await world.file('film.bin', 1000)
    const one = search('127.0.0.1:1')
    await world.share([path], [], { ...through(one), isPrivate: true })
    expect(one.stats).toBeUndefined()
  })
})

it('only addresses are believed that the teller can know', () => {
  const far = '93.184.216.34:7000'
  expect(isBelievable('93.184.216.35:6881', far)).toBe(true)
  expect(isBelievable('[2606:2800:220:1::1]:6881', far)).toBe(true)
  for (const address of [
    ...['127.0.0.1:22', '10.0.0.1:80', '192.168.1.1:80', '169.254.169.254:80', '172.20.0.1:1', '0.0.0.0:1'],
    ...[
      '[::1]:22',
      '[fe80::1]:80',
      '[fd00::1]:80',
      '[::ffff:10.0.0.1]:80',
      '224.0.0.1:80',
      '255.255.255.255:80',
    ],
  ])
    expect(isBelievable(address, far), address).toBe(false)
  for (const address of [
    'example.org:80',
    '93.184.216.34',
    '93.184.216.34:0',
    '',
    ':80',
    '[::ffff:7f00:1]:x',
  ])
    expect(isBelievable(address, '192.168.0.2:7000'), address).toBe(false)
  expect(isBelievable('192.168.0.3:6881', '192.168.0.2:7000')).toBe(true)
})
