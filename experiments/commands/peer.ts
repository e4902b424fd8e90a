import type { Argv, CommandModule } from 'yargs'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { parseContentId } from '../../peer/protocol/ids.ts'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { DEFAULT_CHUNK_BYTES } from '../../peer/live/manifest-file.ts'
import { REGIONS } from '../../sim/region-rtt.ts'
import { liveOptions } from './live-options.ts'
import { PROCESS_OUTPUT } from './output.ts'
import { type GetArguments, type PeerArguments, runGet, runSeed, type SeedArguments } from './run-peer.ts'
import { withStopSignal } from './stop-signal.ts'

const peerOptions = <T>(yargs: Argv<T>): Argv<T & PeerArguments> =>
  liveOptions(yargs)
    .option('tracker', {
      type: 'string',
      array: true,
      nargs: 1,
      default: ['http://127.0.0.1:8080'],
      describe: 'URL of the tracker; given again, the next one to turn to when it fails',
    })
    .option('listen', {
      type: 'string',
      requiresArg: true,
      default: '0.0.0.0:0',
      describe: 'HOST:PORT to accept peers on; port 0 for a free one',
    })
    .option('region', {
      type: 'string',
      requiresArg: true,
      default: 'unknown',
      describe: `Where this peer is; the tracker knows distances between ${REGIONS.join(', ')}`,
    })
    .option('upload-slots', {
      type: 'number',
      describe: 'Chunks uploaded at once [default: 4, an origin 32]',
    })
    .check((given) => checkPeer(given as unknown as PeerArguments)) as unknown as Argv<T & PeerArguments>

function checkPeer({ listen, region, uploadSlots }: PeerArguments): true {
  parseEndpoint(listen)
  if (Buffer.byteLength(region) > LIMITS.labelBytes)
    throw new Error(`invalid --region: longer than ${LIMITS.labelBytes} bytes`)
  if (uploadSlots === undefined || (Number.isInteger(uploadSlots) && uploadSlots >= 0 && uploadSlots <= 255))
    return true
  throw new Error(`invalid --upload-slots: ${uploadSlots} (0 to 255)`)
}

const seedCommand: CommandModule<object, SeedArguments> = {
  command: 'seed <files..>',
  describe: 'Share files; prints the hash by which others get them',
  builder: (yargs) =>
    peerOptions(yargs)
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Files to share' })
      .option('origin', {
        type: 'boolean',
        default: false,
        describe: 'Be the origin: other peers ask it only when nobody else can help',
      })
      .option('chunk-bytes', {
        type: 'number',
        default: DEFAULT_CHUNK_BYTES,
        describe: 'Size of a chunk; part of the hash',
      }) as unknown as Argv<SeedArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runSeed(given, PROCESS_OUTPUT, stop))
  },
}

const getCommand: CommandModule<object, GetArguments> = {
  command: 'get <hash>',
  describe: 'Fetch a file by its hash; goes on where an earlier try ended',
  builder: (yargs) =>
    peerOptions(yargs)
      .positional('hash', { type: 'string', demandOption: true, describe: 'Hash, as the seed printed it' })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        default: '.',
        describe: 'Folder for the file',
      })
      .option('give-up-after', {
        type: 'number',
        requiresArg: true,
        describe: 'Seconds without a new chunk after which to fail [default: never]',
      })
      .option('stay', { type: 'boolean', default: false, describe: 'Go on seeding until interrupted' })
      .check(({ hash, giveUpAfter }) => {
        if (giveUpAfter !== undefined && !(Number(giveUpAfter) > 0 && Number(giveUpAfter) < 1e9))
          throw new Error(`invalid --give-up-after: ${String(giveUpAfter)} (seconds above 0)`)
        return parseContentId(String(hash)) !== ''
      }) as unknown as Argv<GetArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runGet(given, PROCESS_OUTPUT, stop))
  },
}

/** `seedbed peer seed|get` */
export const peerCommand: CommandModule = {
  command: 'peer',
  describe: 'Share files with other peers, or fetch them',
  builder: (yargs) =>
    yargs.command(seedCommand).command(getCommand).demandCommand(1, 'peer seed or peer get?'),
  handler: () => {},
}
