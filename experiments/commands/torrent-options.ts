import type { Argv } from 'yargs'
import { type Rates, ratesOf } from '../../peer/live/token-bucket.ts'
import type { WireLimits } from '../../peer/live/wire-limits.ts'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { rateBps } from '../config/quantity.ts'
import { amount } from './amount.ts'
import { type FinderArguments, finderOptions } from './finder-options.ts'

/** How a command takes part in torrents; each may be left out. */
export interface TorrentArguments extends FinderArguments {
  /** Bytes a second; unbounded where they are left out. */
  up?: number | undefined
  down?: number | undefined
  maxConnections?: number | undefined
  peer?: string[]
  localWebSeeds?: boolean
}

export const torrentOptions = <T>(yargs: Argv<T>) =>
  finderOptions(yargs)
    .option('up', {
      type: 'string',
      requiresArg: true,
      coerce: amount('up', rateBps()),
      describe: 'Most that is sent, e.g. "2 MB/s" or "10 Mbit/s" [default: no bound]',
    })
    .option('down', {
      type: 'string',
      requiresArg: true,
      coerce: amount('down', rateBps()),
      describe: 'Most that is received [default: no bound]',
    })
    .option('max-connections', {
      type: 'number',
      requiresArg: true,
      describe: 'Most connections at once [default: 256]',
    })
    .option('peer', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'HOST:PORT of a peer to connect to; may be repeated',
    })
    .option('local-web-seeds', {
      type: 'boolean',
      default: false,
      describe:
        'Fetch from web seeds on this machine or in a private network, too, where a torrent names some',
    })
    .check(({ peer, maxConnections }) => {
      for (const address of peer as string[]) parseEndpoint(address)
      if (maxConnections === undefined || (Number.isInteger(maxConnections) && Number(maxConnections) >= 1))
        return true
      throw new Error(`invalid --max-connections: ${String(maxConnections)} (1 or more)`)
    })

/** What a command line says of how a node takes part in torrents. */
export const torrentsOf = ({
  up,
  down,
  maxConnections,
  peer: peers = [],
  localWebSeeds = false,
}: TorrentArguments): {
  rates: Rates
  peers: readonly string[]
  localWebSeeds: boolean
  limits?: Partial<WireLimits>
} => ({
  rates: ratesOf(up, down),
  ...{ peers, localWebSeeds },
  ...(maxConnections !== undefined && { limits: { maxConnections } }),
})
