import type { Argv } from 'yargs'
import { parseStunServer, parseTurnServer } from '../../peer/live/ice-servers.ts'
import type { PeerFinder } from '../../peer/live/peer-finder.ts'
import type { ClosableFinder } from '../../peer/live/rtc-finder.ts'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import type { Random } from '../../peer/ports/random.ts'

/** Where a command looks for a torrent's peers besides its HTTP and UDP trackers. */
export interface FinderArguments {
  webrtc?: boolean
  stun?: string[]
  turn?: string[]
  relayOnly?: boolean
  dht?: boolean
  dhtListen?: string
  dhtBootstrap?: string[]
}

/** Credentials of TURN servers that are named without, so that no list of processes shows them. */
const CREDENTIALS = 'SEEDBED_TURN_CREDENTIALS'

export const finderOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('webrtc', {
      type: 'boolean',
      default: true,
      describe: 'Meet WebTorrent peers, browsers too, where a tracker is named by a ws:// or wss:// URL',
    })
    .option('stun', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'HOST[:PORT] of a STUN server, to be reached over WebRTC from behind a NAT; may be repeated',
    })
    .option('turn', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: `USER:PASSWORD@HOST[:PORT] of a TURN server, for when no direct way is found (or HOST[:PORT], and USER:PASSWORD in ${CREDENTIALS}); may be repeated`,
    })
    .option('relay-only', {
      type: 'boolean',
      default: false,
      describe: 'Tell WebRTC peers of no address but those on the TURN servers',
    })
    .option('dht', {
      type: 'boolean',
      default: false,
      describe: 'Look for peers in the mainline DHT, too, and let others find this one there',
    })
    .option('dht-listen', {
      type: 'string',
      requiresArg: true,
      default: '0.0.0.0:0',
      describe: 'HOST:PORT to take part in the DHT on, over UDP; port 0 for a free one',
    })
    .option('dht-bootstrap', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'HOST:PORT of a DHT node to begin with; may be repeated [default: the well-known ones]',
    })
    .check((given) => checkFinders(given as FinderArguments))

function checkFinders(given: FinderArguments): true {
  const { relayOnly, dht, dhtListen, dhtBootstrap } = given
  const { turn } = iceOf(given)
  if (relayOnly && turn.length === 0)
    throw new Error('--relay-only needs a TURN server: give --turn USER:PASSWORD@HOST')
  if (dhtListen !== undefined) parseEndpoint(dhtListen)
  for (const node of dhtBootstrap ?? []) parseEndpoint(node)
  if (dhtBootstrap && !dht)
    throw new Error('--dht-bootstrap has no use without --dht: add it, or leave it out')
  return true
}

function iceOf({ stun = [], turn = [], relayOnly = false }: FinderArguments) {
  const credentials = process.env[CREDENTIALS]
  const withCredentials = (server: string): string =>
    credentials === undefined || server.includes('@')
      ? server
      : `${credentials}@${server.replace(/^turn:/, '')}`
  return {
    stun: stun.map(parseStunServer),
    turn: turn.map((server) => parseTurnServer(withCredentials(server))),
    relayOnly,
  }
}

/** What looks for peers, until it is closed. */
export interface Finders {
  readonly finders: readonly PeerFinder[]
  /** When all torrents have been left. */
  close(): Promise<void>
}

/** Opens what a command line asks for. Rejects with ListenError. */
export async function openFinders(
  given: FinderArguments,
  random: Random,
  warning: (error: Error) => void,
): Promise<Finders> {
  const open: ClosableFinder[] = []
  if (given.webrtc ?? true) {
    const { createRtcFinder } = await import('../../peer/live/rtc-finder.ts')
    open.push(createRtcFinder({ ice: iceOf(given), random: random.fork('rtc'), warning }))
  }
  if (given.dht) {
    const { createDhtFinder } = await import('../../peer/live/dht-finder.ts')
    const listen = parseEndpoint(given.dhtListen ?? '0.0.0.0:0')
    open.push(await createDhtFinder({ listen, bootstrap: given.dhtBootstrap }))
  }
  return {
    finders: open.map(({ find }) => find),
    close: async () => {
      await Promise.all(open.map((finder) => finder.close()))
    },
  }
}
