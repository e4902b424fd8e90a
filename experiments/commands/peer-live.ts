import type { Argv, CommandModule } from 'yargs'
import { parseContentId } from '../../peer/protocol/ids.ts'
import { bytes, durationMs, rateBps } from '../config/quantity.ts'
import { amount } from './amount.ts'
import { PROCESS_OUTPUT } from './output.ts'
import { checkGiveUp, peerOptions } from './peer-options.ts'
import { runSource, runWatch, type SourceArguments, type WatchArguments } from './run-live.ts'
import { withStopSignal } from './stop-signal.ts'

const beginning = (given: string): number => {
  const ms = Date.parse(given)
  if (Number.isNaN(ms)) throw new Error(`invalid --begins: ${given} (a time like 2026-01-31T20:00:00Z)`)
  return ms
}

const sourceCommand: CommandModule<object, SourceArguments> = {
  command: 'source <media>',
  describe: 'Stream a file, or what an encoder writes to standard input (-); prints the hash to watch it by',
  builder: (yargs) =>
    peerOptions(yargs)
      .positional('media', {
        type: 'string',
        demandOption: true,
        describe: 'File, or - for standard input',
        // The parser takes a lone dash for an empty text.
        coerce: (media: string) => (media === '' ? '-' : media),
      })
      .option('rate', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        coerce: amount('rate', rateBps()),
        describe: 'Media a second, e.g. "4 Mbit/s"; at least what the encoder writes at most',
      })
      .option('chunk-bytes', {
        type: 'string',
        requiresArg: true,
        coerce: amount('chunk-bytes', bytes()),
        describe: 'Size of a chunk, 2048 or more [default: about ten a second]',
      })
      .option('name', { type: 'string', requiresArg: true, describe: 'Name of the stream' })
      .option('key', {
        type: 'string',
        requiresArg: true,
        describe: 'File with the Ed25519 key that signs, made where there is none [default: a new key]',
      })
      .option('standby', {
        type: 'boolean',
        default: false,
        describe: 'Take over when the first source of the same file, --key and --begins fails',
      })
      .option('begins', {
        type: 'string',
        requiresArg: true,
        coerce: beginning,
        describe: 'When the stream begins or began, e.g. 2026-01-31T20:00:00Z [default: now]',
      })
      .check(({ media, standby, key, begins }) => {
        if (standby && (media === '-' || key === undefined || begins === undefined))
          throw new Error('--standby needs a file, --key and --begins: those of the first source')
        return true
      }) as unknown as Argv<SourceArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runSource(given, process.stdin, PROCESS_OUTPUT, stop))
  },
}

const watchCommand: CommandModule<object, WatchArguments> = {
  command: 'watch <hash>',
  describe: 'Play a live stream to standard output: … | mpv -',
  builder: (yargs) =>
    peerOptions(yargs)
      .positional('hash', { type: 'string', demandOption: true, describe: 'Hash, as the source printed it' })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        default: '-',
        describe: 'File to write to; - for standard output',
      })
      .option('buffer', {
        type: 'string',
        requiresArg: true,
        default: '4 s',
        coerce: amount('buffer', durationMs({ least: 100, most: 60_000 })),
        describe: 'How much to gather before playing, e.g. "2 s"',
      })
      .option('give-up-after', {
        type: 'number',
        requiresArg: true,
        describe: 'Seconds without anything to play after which to fail [default: never]',
      })
      .check(({ hash, giveUpAfter }) => {
        checkGiveUp(giveUpAfter)
        return parseContentId(String(hash)) !== ''
      }) as unknown as Argv<WatchArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runWatch(given, process.stdout, PROCESS_OUTPUT, stop))
  },
}

/** `seedbed peer live source|watch` */
export const liveCommand: CommandModule = {
  command: 'live',
  describe: 'Stream live media to other peers, or watch a stream',
  builder: (yargs) =>
    yargs
      .command(sourceCommand)
      .command(watchCommand)
      .demandCommand(1, 'which: peer live source or peer live watch?'),
  handler: () => {},
}
