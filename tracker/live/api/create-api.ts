import type { Express } from 'express'
import type { OutcomeSink } from '../../../peer/ports/outcome-sink.ts'
import { createApp } from '../app.ts'
import { Holdings } from '../holdings.ts'
import { BoundedOrigin, type Origin } from '../origin.ts'
import { OriginContents } from '../origin-contents.ts'
import { type RateLimits } from '../rate-limits.ts'
import type { TokenVerifier } from '../tokens.ts'
import { chunkRoutes } from './chunk-routes.ts'
import { contentRoutes } from './content-routes.ts'
import { oldRoutes } from './old-routes.ts'
import type { ApiParts } from './parts.ts'
import { peerRoutes } from './peer-routes.ts'
import { statusRoutes } from './status-routes.ts'

/** What an operator may set of the data API. */
export interface ApiOptions {
  /** Where chunks come from that no peer holds. */
  readonly origin?: Origin | undefined
  /** Size of the chunks of files that are known by name alone, bytes. */
  readonly originChunkBytes?: number
  /** Where reported outcomes go; without one none are taken. */
  readonly sink?: OutcomeSink | undefined
  /** Origins of pages that may use the API and open WebSockets; null, the default: WebSockets of all, the API of none. */
  readonly origins?: readonly string[] | null
}

/** 1 MiB. */
const DEFAULT_CHUNK_BYTES = 2 ** 20

interface Surroundings extends Omit<ApiParts, 'holdings' | 'originContents' | 'sink'> {
  readonly limits: RateLimits
  readonly tokens: TokenVerifier | undefined
  readonly trustedProxies: number
  readonly isSecure: boolean
  /** A peer that has been silent for so long is forgotten. */
  readonly expiryMs: number
}

/** Builds the HTTP interface. */
export function createApi(options: ApiOptions, around: Surroundings): Express {
  const { tracker, contents, limits, tokens, log, trustedProxies, isSecure } = around
  const parts: ApiParts = {
    ...around,
    sink: options.sink,
    holdings: new Holdings(tracker, around.expiryMs),
    originContents: new OriginContents({
      ...{ tracker, contents, chunkBytes: options.originChunkBytes ?? DEFAULT_CHUNK_BYTES },
      origin: options.origin && new BoundedOrigin(options.origin),
    }),
  }
  const routes = [chunkRoutes, contentRoutes, peerRoutes, statusRoutes, oldRoutes].flatMap((make) =>
    make(parts),
  )
  return createApp({
    ...{ routes, limits, tokens, log, trustedProxies, isSecure },
    origins: options.origins ?? [],
  })
}
