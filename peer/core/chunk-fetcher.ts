import type { ChunkHeader } from '../protocol/messages.ts'
import type { ChunkBody } from '../ports/chunk-store.ts'
import type { Neighbour } from './neighbour.ts'

/** What asks neighbours for chunks, and is told what they answer. */
export interface ChunkFetcher {
  /** Fetches under way. */
  readonly activeCount: number
  /** Starts as many fetches as there is room and choice for. */
  pump(): void
  chunkBegins(neighbour: Neighbour, header: ChunkHeader): void
  chunkArrived(neighbour: Neighbour, header: ChunkHeader, body: ChunkBody): void
  /** The neighbour refuses a request. */
  refused(neighbour: Neighbour, requestId: number, active: number, queued: number): void
  /** The link to a neighbour is gone; `wasAsked`: fetches from it were under way. */
  lost(neighbour: Neighbour, wasAsked: boolean): void
  /** The neighbour has dropped the requests that wait there. */
  choked(neighbour: Neighbour): void
}
