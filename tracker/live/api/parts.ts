import type { Logger } from 'pino'
import type { Ranker } from '../../../peer/ports/ranker.ts'
import type { SwarmPolicies } from '../../core/options.ts'
import type { Tracker } from '../../core/tracker.ts'
import type { Neighbours } from '../cluster/neighbours.ts'
import type { Contents } from '../contents.ts'
import type { Holdings } from '../holdings.ts'
import type { HttpNetwork } from '../http-network.ts'
import type { OriginContents } from '../origin-contents.ts'

/** What the routes work with. */
export interface ApiParts {
  readonly tracker: Tracker
  readonly network: HttpNetwork
  readonly contents: Contents
  readonly holdings: Holdings
  readonly originContents: OriginContents
  readonly policiesOf: (contentId: string) => SwarmPolicies
  /** Region of an IP address, empty where it is not known. */
  readonly regionOf: (host: string) => string
  readonly mainRanker: () => Ranker
  readonly log: Logger
  isReady(): boolean
  /** The other processes, where swarms are spread over several. */
  readonly neighbours?: Neighbours | undefined
}
