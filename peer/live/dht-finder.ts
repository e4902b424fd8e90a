import { Client as Dht, type DhtNode } from 'bittorrent-dht'
import { type Endpoint, formatEndpoint } from '../protocol/endpoint.ts'
import { ListenError } from './errors.ts'
import type { PeerFinder, SoughtSwarm } from './peer-finder.ts'
import { isPublicIpv4 } from './public-address.ts'
import type { ClosableFinder } from './rtc-finder.ts'

/** Queries that wait for an answer at once. */
const CONCURRENCY = 8
/** Nodes forget an announced peer after half an hour or so; BEP 5 leaves it to them. */
const ANNOUNCE_MS = 10 * 60_000
/** A search that found nobody is made again after this, doubled with each one in a row. */
const FIRST_PAUSE_MS = 2_000
/** Most peers that one search names to the core. */
const MOST_PEERS = 100

export interface DhtFinderOptions {
  /** Where to hear other nodes, over UDP; port 0 takes a free one. */
  readonly listen: Endpoint
  /** Nodes to begin with, `host:port`; the well-known ones where it is left out. */
  readonly bootstrap?: readonly string[] | undefined
}

export interface DhtFinder extends ClosableFinder {
  readonly address: string
  /** Nodes of the DHT that this one knows. */
  readonly nodeCount: number
}

/** A swarm that is searched for from time to time. */
class Search {
  readonly swarm: SoughtSwarm
  timer: NodeJS.Timeout | undefined
  found = 0
  failures = 0
  isStopped = false

  constructor(swarm: SoughtSwarm) {
    this.swarm = swarm
  }
}

/** Joins the mainline DHT (BEP 5) to look for peers there; not for private torrents. Rejects with ListenError. */
export async function createDhtFinder({ listen, bootstrap }: DhtFinderOptions): Promise<DhtFinder> {
  const dht = new Dht({ concurrency: CONCURRENCY, ...(bootstrap && { bootstrap }) })
  const isReady = new Promise<void>((resolve) => dht.once('ready', resolve))
  await new Promise<void>((resolve, reject) => {
    dht.once('listening', resolve)
    dht.once('error', (error) => reject(new ListenError(listen.host, listen.port, error)))
    dht.listen(listen.port, listen.host)
  })
  dht.removeAllListeners('error')
  // A node that can't be reached is asked no more; the library itself sees to that.
  dht.on('error', () => undefined)
  const searches = new Map<string, Search>()
  dht.on('peer', ({ host, port }, infoHash, from) => {
    const search = searches.get(infoHash.toString('hex'))
    if (!search || search.found >= MOST_PEERS || !isCredible(host, port, from)) return
    // What this peer has announced itself comes back, too.
    if (port !== search.swarm.port) search.found++
    search.swarm.meet(formatEndpoint(host, port))
  })
  // One search at a time: a process with many torrents asks no more of the DHT than one with a few.
  let turn: Promise<void> = isReady
  const queue = (search: Search): void => {
    turn = turn.then(() => run(dht, search))
    void turn.then(() => plan(search))
  }
  const plan = (search: Search): void => {
    if (search.isStopped) return
    search.failures = search.found > 0 ? 0 : search.failures + 1
    const pauseMs =
      search.failures === 0
        ? ANNOUNCE_MS
        : Math.min(ANNOUNCE_MS, FIRST_PAUSE_MS * 2 ** Math.min(search.failures - 1, 10))
    search.timer = setTimeout(() => queue(search), pauseMs)
  }
  const find: PeerFinder = (swarm) => {
    if (swarm.isPrivate || searches.has(swarm.infoHash)) return () => undefined
    const search = new Search(swarm)
    searches.set(swarm.infoHash, search)
    queue(search)
    return () => {
      search.isStopped = true
      clearTimeout(search.timer)
      searches.delete(swarm.infoHash)
    }
  }
  return {
    find,
    address: formatEndpoint(listen.host, dht.address().port),
    get nodeCount() {
      return dht.nodes.toArray().length
    },
    close: () => new Promise((resolve) => dht.destroy(resolve)),
  }
}

/** Looks for the peers of a swarm, and says that this one is of it where it has anything to give. */
async function run(dht: Dht, search: Search): Promise<void> {
  if (search.isStopped) return
  const { infoHash, port } = search.swarm
  search.found = 0
  await new Promise<void>((resolve) => dht.lookup(infoHash, () => resolve()))
  if (search.isStopped || Number.isNaN(search.swarm.figures().leftBytes)) return
  await new Promise<void>((resolve) => dht.announce(infoHash, port, () => resolve()))
}

/** Strangers on the internet must not have this peer knock at the doors of its own network. */
function isCredible(host: string, port: number, from: DhtNode | null): boolean {
  if (port < 1) return false
  const toldBy = from?.address ?? from?.host
  return isPublicIpv4(host) || toldBy === undefined || !isPublicIpv4(toldBy)
}
