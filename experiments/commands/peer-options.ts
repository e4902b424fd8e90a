import type { Argv } from 'yargs'
import { type Endpoint, parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { REGIONS } from '../../sim/region-rtt.ts'
import { type LiveArguments, liveOptions } from './live-options.ts'
import { type ReportArguments, reportOptions } from './report-options.ts'

/** What every command takes that runs a peer. */
export interface PeerArguments extends LiveArguments, ReportArguments {
  tracker: string[]
  listen: string
  region: string
  uploadSlots: number | undefined
}

export const DEFAULT_TRACKER = 'http://127.0.0.1:8080'

/** Reads where to listen: HOST:PORT, or a port alone for all addresses of this machine. Throws ProtocolError. */
export const parseListen = (text: string): Endpoint =>
  parseEndpoint(/^\d{1,5}$/.test(text) ? `0.0.0.0:${text}` : text)

export const peerOptions = <T>(yargs: Argv<T>): Argv<T & PeerArguments> =>
  reportOptions(liveOptions(yargs))
    .option('tracker', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [DEFAULT_TRACKER],
      describe: 'URL of the tracker; given again, the next one to turn to when it fails',
    })
    .option('listen', {
      type: 'string',
      requiresArg: true,
      default: '0.0.0.0:0',
      describe: 'HOST:PORT, or a port alone, to accept peers on; port 0 for a free one',
    })
    .option('region', {
      type: 'string',
      requiresArg: true,
      default: 'unknown',
      describe: `Where this peer is; the tracker knows distances between ${REGIONS.join(', ')}`,
    })
    .option('upload-slots', {
      type: 'number',
      describe: 'Chunks uploaded at once [default: 4, of torrents 8, an origin 32]',
    })
    .check((given) => checkPeer(given as unknown as PeerArguments)) as unknown as Argv<T & PeerArguments>

function checkPeer({ listen, region, uploadSlots }: PeerArguments): true {
  parseListen(listen)
  if (Buffer.byteLength(region) > LIMITS.labelBytes)
    throw new Error(`invalid --region: longer than ${LIMITS.labelBytes} bytes`)
  if (uploadSlots === undefined || (Number.isInteger(uploadSlots) && uploadSlots >= 0 && uploadSlots <= 255))
    return true
  throw new Error(`invalid --upload-slots: ${uploadSlots} (0 to 255)`)
}

/** Checks an option that says after how many seconds without progress to fail. */
export function checkGiveUp(seconds: unknown): void {
  if (seconds !== undefined && !(Number(seconds) > 0 && Number(seconds) < 1e9))
    throw new Error(`invalid --give-up-after: ${String(seconds)} (seconds above 0)`)
}
