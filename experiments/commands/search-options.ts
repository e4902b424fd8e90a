import type { Argv } from 'yargs'
import { parseEndpoint } from '../../peer/protocol/endpoint.ts'
import { NeighbourSearch } from '../../peer/live/neighbour-search.ts'
import type { Random } from '../../peer/ports/random.ts'

/** What commands take that can find peers without a tracker. */
export interface SearchArguments {
  bootstrap?: string[]
  search?: boolean
}

export const searchOptions = <T>(yargs: Argv<T>): Argv<T & SearchArguments> =>
  yargs
    .option('bootstrap', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe:
        'HOST:PORT of a peer that searches, to find others through it, no tracker needed; may be repeated',
    })
    .option('search', {
      type: 'boolean',
      default: false,
      describe: 'Answer others who look for peers like that; on with --bootstrap',
    })
    .check(({ bootstrap }) => {
      for (const address of bootstrap as string[]) parseEndpoint(address)
      return true
    }) as unknown as Argv<T & SearchArguments>

/** Whether a command line asks for it. */
export const isSearching = ({ bootstrap = [], search = false }: SearchArguments): boolean =>
  search || bootstrap.length > 0

/** The search that a command line asks for, if any. */
export const searchOf = (given: SearchArguments, random: Random): NeighbourSearch | undefined =>
  isSearching(given) ? new NeighbourSearch({ bootstrap: given.bootstrap ?? [], random }) : undefined
