import type { Argv, CommandModule } from 'yargs'
import { PROCESS_OUTPUT } from './output.ts'
import { liveCommand } from './peer-live.ts'
import { checkGiveUp, peerOptions } from './peer-options.ts'
import { serveCommand } from './peer-serve.ts'
import { statusCommand } from './peer-status.ts'
import { type GetArguments, runGet, runSeed, type SeedArguments } from './run-peer.ts'
import { runShare } from './run-share.ts'
import { searchOptions } from './search-options.ts'
import { sourceOptions } from './source-options.ts'
import { withStopSignal } from './stop-signal.ts'
import { torrentOptions } from './torrent-options.ts'

const seedCommand: CommandModule<object, SeedArguments> = {
  command: 'seed <files..>',
  describe: 'Share files and folders as torrents; prints the magnet links by which others get them',
  builder: (yargs) =>
    torrentOptions(searchOptions(peerOptions(yargs)))
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Files and folders to share',
      })
      .option('origin', {
        type: 'boolean',
        default: false,
        describe: 'Be the origin: other peers ask it only when nobody else can help',
      })
      .option('torrent', {
        type: 'string',
        requiresArg: true,
        describe: 'Where to write the .torrent file: a name, or a folder',
      })
      .option('web-seed', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [],
        describe: 'URL of an HTTP server that has the content, for when no peer has; may be repeated',
      })
      .option('private', {
        type: 'boolean',
        default: false,
        describe: 'Let clients look for peers at the trackers only',
      })
      .option('chunk-bytes', {
        type: 'number',
        requiresArg: true,
        describe: 'Size of a chunk, a power of two [default: by the size of the content]',
      })
      .option('manifest', {
        type: 'boolean',
        default: false,
        describe:
          "Share files by Seedbed's own manifest and protocol instead; prints the hash by which others get them",
      }) as unknown as Argv<SeedArguments>,
  handler: async (given) => {
    const run = given.manifest ? runSeed : runShare
    await withStopSignal((stop) => run(given, PROCESS_OUTPUT, stop))
  },
}

const getCommand: CommandModule<object, GetArguments> = {
  command: 'get <source>',
  describe: 'Fetch a torrent, or a file by its hash; goes on where an earlier try ended',
  builder: (yargs) =>
    sourceOptions(yargs)
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        default: '.',
        describe: 'Folder for the content',
      })
      .option('give-up-after', {
        type: 'number',
        requiresArg: true,
        describe: 'Seconds without a new chunk after which to fail [default: never]',
      })
      .option('stay', { type: 'boolean', default: false, describe: 'Go on seeding until interrupted' })
      .check(({ giveUpAfter }) => {
        checkGiveUp(giveUpAfter)
        return true
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
