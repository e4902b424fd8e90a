import type { Express } from 'express'
import type { Logger } from 'pino'
import type { OutcomeSink } from '../../../peer/ports/outcome-sink.ts'
import type { ModelStore } from '../../../peer/ports/outcome-store.ts'
import { createApp, createInnerApp } from '../app.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { Switchboard } from '../cluster/switchboard.ts'
import type { TrackerMetrics } from '../metrics.ts'
import { ModelShelf, type PolicyMaker } from '../model-shelf.ts'
import { BoundedOrigin, type Origin } from '../origin.ts'
import { OriginContents } from '../origin-contents.ts'
import { OutcomeDesk } from '../outcome-desk.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { Revocations } from '../revocations.ts'
import type { Serving } from '../serving.ts'
import type { TokenVerifier } from '../tokens.ts'
import { adminRoutes } from './admin-routes.ts'
import { chunkRoutes } from './chunk-routes.ts'
import { contentRoutes } from './content-routes.ts'
import { oldRoutes } from './old-routes.ts'
import { outcomeRoutes } from './outcome-routes.ts'
import type { ApiParts } from './parts.ts'
import { peerRoutes } from './peer-routes.ts'
import { revocationRoutes } from './revocation-routes.ts'
import type { Route } from './route.ts'
import { statusRoutes } from './status-routes.ts'

/** What an operator may set of the data API. */
export interface ApiOptions {
  /** Where chunks come from that no peer holds. */
  readonly origin?: Origin | undefined
  /** Size of the chunks of files that are known by name alone, bytes. */
  readonly originChunkBytes?: number
  /** Where reported outcomes go; without one they only count in the ranking. */
  readonly sink?: OutcomeSink | undefined
  /** Where uploaded models are; without it nobody can upload or switch. */
  readonly models?: ModelStore | undefined
  /** Whether the policy that an admin chose last goes on, rather than the one that the tracker is started with. */
  readonly resumesPolicy?: boolean
  /** Origins of pages that may use the API and open WebSockets, `*` for all; null, the default: WebSockets of all, the API of none. */
  readonly origins?: readonly string[] | null
}

/** 1 MiB. */
const DEFAULT_CHUNK_BYTES = 2 ** 20

interface Surroundings extends Omit<ApiParts, 'originContents' | 'policiesOf' | 'mainRanker'> {
  readonly serving: Serving
  readonly metrics: TrackerMetrics
  readonly maker: PolicyMaker
  readonly revocations: Revocations
  readonly limits: RateLimits
  readonly tokens: TokenVerifier | undefined
  readonly trustedProxies: number
  readonly isSecure: boolean
  /** Downloads from the origin at once, at most. */
  readonly originDownloads?: number | undefined
  readonly cluster?: Cluster | undefined
}

export interface Api {
  readonly app: Express
  /** What other processes of a cluster ask this one. */
  inner(): Express
  /** Lets rank what is to rank; the others of a cluster can reach this process by then. */
  begin(): Promise<void>
  stop(): void
}

/** Builds the HTTP interface. */
export function createApi(options: ApiOptions, around: Surroundings): Api {
  const { limits, tokens, log, trustedProxies, isSecure, metrics, cluster } = around
  const { routes, shelf } = makeRoutes(options, around)
  const switchboard = shelf && cluster && new Switchboard(cluster, shelf, log)
  const begin = async (): Promise<void> => shelf && beginServing(shelf, options, log)
  // Switches since the cluster was started hold, whatever it was started with.
  const sinceMs = options.resumesPolicy ? 0 : cluster?.place.startedMs
  return {
    app: createApp({
      ...{ routes, limits, tokens, log, trustedProxies, isSecure, metrics },
      ...{ origins: options.origins ?? [], elsewhere: cluster?.api.elsewhere },
    }),
    inner: () => createInnerApp({ routes, log, metrics }),
    begin: () => (switchboard ? switchboard.start(begin, () => shelf.resume(sinceMs)) : begin()),
    stop: () => switchboard?.stop(),
  }
}

type RouteSurroundings = Omit<Surroundings, 'limits' | 'tokens' | 'trustedProxies' | 'isSecure' | 'cluster'>

/** All routes, and the shelf of models where there is one. */
export function makeRoutes(
  options: ApiOptions,
  around: RouteSurroundings,
): { readonly routes: readonly Route[]; readonly shelf: ModelShelf | undefined } {
  const { tracker, contents, serving, metrics, maker } = around
  const parts: ApiParts = {
    ...around,
    policiesOf: (contentId) => serving.policiesOf(contentId),
    mainRanker: () => serving.main.ranker,
    originContents: new OriginContents({
      ...{ tracker, contents, chunkBytes: options.originChunkBytes ?? DEFAULT_CHUNK_BYTES },
      origin: options.origin && new BoundedOrigin(options.origin, around.originDownloads),
    }),
  }
  const nowMs = (): number => Date.now()
  const desk = new OutcomeDesk(options.sink, nowMs)
  const shelf = options.models && new ModelShelf({ store: options.models, maker, serving, nowMs })
  const routes = [
    ...[chunkRoutes, contentRoutes, oldRoutes].flatMap((make) => make(parts)),
    ...peerRoutes(parts, metrics),
    ...outcomeRoutes(parts, desk, metrics),
    ...statusRoutes(parts, metrics),
    ...(shelf ? adminRoutes(shelf, serving) : []),
    ...revocationRoutes(around.revocations),
  ]
  return { routes, shelf }
}

async function beginServing(
  shelf: ModelShelf,
  { resumesPolicy = false }: ApiOptions,
  log: Logger,
): Promise<void> {
  try {
    if (resumesPolicy && (await shelf.resume())) return
  } catch (error) {
    log.warn({ err: error }, 'the policy that ranked last can not go on')
  }
  // A store that is down keeps no tracker from serving.
  await shelf.begin().catch((error: unknown) => {
    log.warn(
      { err: error },
      'the store can not note which policy ranks: it will not be offered for a roll-back',
    )
  })
}
