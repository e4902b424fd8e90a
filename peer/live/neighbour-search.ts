import type { Socket } from 'node:net'
import { formatEndpoint } from '../protocol/endpoint.ts'
import type { Address } from '../protocol/ids.ts'
import type { Random } from '../ports/random.ts'
import { SystemClock } from '../ports/system-clock.ts'
import { SearchNode } from '../core/search-node.ts'
import { SEARCH_DEFAULTS, type SearchSettings, type SearchStats } from '../core/search-options.ts'
import { isBelievable } from './believable-address.ts'
import type { PeerFinder, SoughtSwarm } from './peer-finder.ts'
import { drawPeerId } from './peer-id.ts'
import { TCP_LIMITS, type TcpLimits } from './tcp-options.ts'
import { TcpNetwork } from './tcp-network.ts'

/** How often it is looked whether a download is whole, and has no use for more peers. */
const LOOK_MS = 5_000

/** Links between nodes that search carry nothing large. */
const LIMITS: TcpLimits = { ...TCP_LIMITS, receiveBytes: 0, maxBacklogBytes: 1024 * 1024 }

export interface NeighbourSearchOptions {
  /** Addresses of nodes to begin with. */
  readonly bootstrap: readonly Address[]
  readonly random: Random
  readonly settings?: Partial<SearchSettings>
}

/**
 * Finds peers of torrents through other nodes that do so, without a tracker. Shares the listening socket of a TorrentNode:
 * give that node `finder` among its finders, and `accept` as its `others`.
 */
export class NeighbourSearch {
  readonly #options: NeighbourSearchOptions
  readonly #network = new TcpNetwork(LIMITS)
  readonly #swarms = new Map<string, SoughtSwarm>()
  #node: SearchNode | undefined
  #isStopped = false

  constructor(options: NeighbourSearchOptions) {
    this.#options = options
  }

  /** Nodes that this one is linked to. */
  get neighbourCount(): number {
    return this.#node?.neighbourCount ?? 0
  }

  get stats(): SearchStats | undefined {
    return this.#node?.stats
  }

  /** Looks for peers of a swarm until it is whole, and answers others who look for them. */
  readonly finder: PeerFinder = (swarm) => {
    // Peers of a private torrent come from its trackers only (BEP 27).
    if (swarm.isPrivate || this.#isStopped) return () => {}
    this.#node ??= this.#start(swarm.port)
    this.#swarms.set(swarm.infoHash, swarm)
    let stop: (() => void) | undefined
    if (swarm.figures().leftBytes !== 0)
      stop = this.#node.search(swarm.infoHash, (address) => swarm.meet(address))
    const look = setInterval(() => {
      if (swarm.figures().leftBytes !== 0) return
      stop?.()
      clearInterval(look)
    }, LOOK_MS)
    return () => {
      clearInterval(look)
      stop?.()
      if (this.#swarms.get(swarm.infoHash) === swarm) this.#swarms.delete(swarm.infoHash)
    }
  }

  /** Takes over a socket that another node opened. */
  readonly accept = (socket: Socket): void => {
    if (this.#node && !this.#isStopped) this.#network.accept(socket)
    else socket.destroy()
  }

  /** Leaves the neighbours. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#node?.stop()
    await this.#network.idle()
  }

  #start(port: number): SearchNode {
    const { bootstrap, settings } = this.#options
    // Two searches of one seed are two nodes: the port tells them apart.
    const random = this.#options.random.fork('neighbour-search', port)
    const node = new SearchNode(
      { clock: new SystemClock(), random, network: this.#network },
      {
        peerId: drawPeerId(random.fork('peer-id')),
        // Others put the host in place that they see.
        address: formatEndpoint('0.0.0.0', port),
        bootstrap,
        settings: { ...SEARCH_DEFAULTS, ...settings },
        holds: (infoHash) => this.#holds(infoHash),
        believes: isBelievable,
      },
    )
    node.start()
    return node
  }

  /** Whoever knows a torrent is of use to those who look for it: for the torrent itself, if for nothing more. */
  #holds(infoHash: string): Address | undefined {
    const swarm = this.#swarms.get(infoHash)
    return swarm && !Number.isNaN(swarm.figures().leftBytes) ? `:${swarm.port}` : undefined
  }
}
