import type { ContentId } from '../protocol/ids.ts'
import type { QueryId } from '../protocol/search-messages.ts'
import type { Link } from '../ports/network.ts'

/** Where a query came from; `from` undefined: from this node. */
export interface QueryRoute {
  readonly contentId: ContentId
  readonly from: Link | undefined
  readonly expiresMs: number
  hits: number
}

/** The queries that have been here lately: what is known again is not passed on, and hits find their way back. */
export class QueryRoutes {
  readonly #limit: number
  readonly #lifeMs: number
  /** The oldest first. */
  readonly #routes = new Map<QueryId, QueryRoute>()

  constructor(limit: number, lifeMs: number) {
    this.#limit = limit
    this.#lifeMs = lifeMs
  }

  get size(): number {
    return this.#routes.size
  }

  get(queryId: QueryId): QueryRoute | undefined {
    return this.#routes.get(queryId)
  }

  add(queryId: QueryId, contentId: ContentId, from: Link | undefined, nowMs: number): void {
    this.#routes.set(queryId, { contentId, from, expiresMs: nowMs + this.#lifeMs, hits: 0 })
    for (const oldest of this.#routes.keys()) {
      if (this.#routes.size <= this.#limit) return
      this.#routes.delete(oldest)
    }
  }

  expire(nowMs: number): void {
    for (const [queryId, { expiresMs }] of this.#routes) {
      if (expiresMs > nowMs) return
      this.#routes.delete(queryId)
    }
  }
}
