import type { Duplex } from 'node:stream'
import type { Address, PeerId } from '../protocol/ids.ts'
import type { TransferFigures } from './announce.ts'

/** A torrent's swarm, as somebody sees it who looks for peers elsewhere than at the core's trackers. */
export interface SoughtSwarm {
  readonly infoHash: string
  readonly peerId: PeerId
  /** Where this peer accepts connections. */
  readonly port: number
  /** All trackers that are named, those that the core does not speak to included. */
  readonly trackers: readonly string[]
  /** Peers may come from its trackers only (BEP 27). */
  readonly isPrivate: boolean
  figures(): TransferFigures
  /** Resolves when the last chunk has come; not where nothing was missing from the start. */
  readonly completed: Promise<void>
  /** Names a peer that accepts connections at `host:port`. */
  meet(address: Address): void
  /** Hands over a stream to a peer that is open, on which nothing was said yet. */
  adoptStream(stream: Duplex, remote: Address): void
}

/** Looks for peers of a swarm until the function that it returns is called. */
export type PeerFinder = (swarm: SoughtSwarm) => () => void
