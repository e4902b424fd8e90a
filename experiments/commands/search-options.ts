import type { Argv } from 'yargs'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { NeighbourSearch } from '../../peer/live/neighbour-search.ts'
import type { Random } from '../../peer/ports/random.ts'

/** What commands take that can find peers without a tracker. */
export interface SearchArguments {
  bootstrap: string[]
  search: boolean
}

export const searchOptions = <T>(yargs: Argv<T>): Argv<T & SearchArguments> =>
  yargs
    .option('bootstrap', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'HOST:PORT of a peer to ask for others who have it, no tracker needed; may be repeated',
    })
    .option('search', {
      type: 'boolean',
      default: false,
      describe: 'Answer others who ask like that; on with --bootstrap',
    })
    .check(({ bootstrap }) => {
      for (const address of bootstrap as string[]) parseEndpoint(address)
      return true
    }) as unknown as Argv<T & SearchArguments>

/** The search that a command line asks for, if any. */
export const searchOf = (
  { bootstrap, search }: SearchArguments,
  random: Random,
): NeighbourSearch | undefined =>
  search || bootstrap.length > 0 ? new NeighbourSearch({ bootstrap, random }) : undefined
