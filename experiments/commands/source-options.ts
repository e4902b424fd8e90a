import type { Argv } from 'yargs'
import { DEFAULT_TRACKER, type PeerArguments, peerOptions } from './peer-options.ts'
import { type SearchArguments, searchOptions } from './search-options.ts'
import { type TorrentArguments, torrentOptions } from './torrent-options.ts'

/** What commands take that fetch something. */
export interface SourceArguments extends PeerArguments, SearchArguments, TorrentArguments {
  source: string
}

export const sourceOptions = <T>(yargs: Argv<T>) =>
  torrentOptions(searchOptions(peerOptions(yargs)))
    .positional('source', {
      type: 'string',
      demandOption: true,
      describe: 'Hash that a seed printed, .torrent file or its URL, magnet link, or info hash',
    })
    .option('tracker', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      defaultDescription: `${DEFAULT_TRACKER} for a hash, those that a torrent names`,
      describe: 'URL of a Seedbed tracker, or any announce URL; may be repeated',
    }) as unknown as Argv<T & SourceArguments>
