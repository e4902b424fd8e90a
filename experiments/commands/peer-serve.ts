import type { Argv, CommandModule } from 'yargs'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { rateBps } from '../config/quantity.ts'
import { amount } from './amount.ts'
import { PROCESS_OUTPUT } from './output.ts'
import { runServe, type ServeArguments } from './run-serve.ts'
import { sourceOptions } from './source-options.ts'
import { withStopSignal } from './stop-signal.ts'

/** `seedbed peer serve` */
export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve <source>',
  describe: 'Fetch a file or torrent, and let any player on this machine play it over HTTP meanwhile',
  builder: (yargs) =>
    sourceOptions(yargs)
      .option('max-peers', {
        type: 'number',
        requiresArg: true,
        describe: 'Most links to other peers [default: 40]',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        default: '.',
        describe: 'Folder for what is fetched',
      })
      .option('http', {
        type: 'string',
        requiresArg: true,
        default: '127.0.0.1:0',
        describe:
          'HOST:PORT for players; port 0 for a free one. Beyond 127.0.0.1 everybody there can read the file',
      })
      .option('host-name', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [],
        describe: 'Name, besides localhost, by which browsers may call this server; may be repeated',
      })
      .option('rate', {
        type: 'string',
        requiresArg: true,
        default: '4 Mbit/s',
        coerce: amount('rate', rateBps()),
        describe: 'How much media plays in a second, where the file does not tell',
      })
      .check(({ http, hostName, maxPeers }) => {
        parseEndpoint(String(http))
        for (const name of hostName as string[])
          if (!/^[a-z0-9.-]{1,253}$/i.test(name))
            throw new Error(`invalid --host-name: ${name} (a name like seedbox.lan)`)
        if (
          maxPeers === undefined ||
          (Number.isInteger(maxPeers) && Number(maxPeers) >= 1 && Number(maxPeers) <= 1000)
        )
          return true
        throw new Error(`invalid --max-peers: ${String(maxPeers)} (1 to 1000)`)
      }) as unknown as Argv<ServeArguments>,
  handler: async (given) => {
    await withStopSignal((stop) => runServe(given, PROCESS_OUTPUT, stop))
  },
}
