import type { Argv, CommandModule } from 'yargs'
import { parseContentId } from '../../peer/protocol/ids.ts'
import { DEFAULT_CHUNK_BYTES } from '../../peer/live/manifest-file.ts'
import { PROCESS_OUTPUT } from './output.ts'
import { liveCommand } from './peer-live.ts'
import { checkGiveUp, peerOptions } from './peer-options.ts'
import { serveCommand } from './peer-serve.ts'
import { statusCommand } from './peer-status.ts'
import { type GetArguments, runGet, runSeed, type SeedArguments } from './run-peer.ts'
import { withStopSignal } from './stop-signal.ts'

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
        checkGiveUp(giveUpAfter)
        return parseContentId(String(hash)) !== ''
      }) as unknown as Argv<GetArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runGet(given, PROCESS_OUTPUT, stop))
  },
}

/** `seedbed peer seed|get|serve|live|status` */
export const peerCommand: CommandModule = {
  command: 'peer',
  describe: 'Share files and live streams with other peers, or fetch them',
  builder: (yargs) =>
    yargs
      .command(seedCommand)
      .command(getCommand)
      .command(serveCommand)
      .command(liveCommand)
      .command(statusCommand)
      .demandCommand(1, 'which: peer seed, get, serve, live or status?'),
  handler: () => {},
}
